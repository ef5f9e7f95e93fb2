-- review: the links that wait for a clerk, of each list's newest month or of month $2. $3 not null:
-- those that the program made and those that were decided, too.
with link as (
    select * from (
        select county, month, record_type, submission, row_no, quarantined, household_no, how, pass,
               band, weight, terms, model, same, decided_by, decided_at, pending, decision
        from match.review where $2::date is null
        union all
        select county, month, record_type, submission, row_no, quarantined, household_no, how, pass,
               band, weight, terms, model, same, decided_by, decided_at, pending, decision
        from match.review_month where month = $2
    ) as r
    where ($1::integer is null or county = $1)
      and ($3::text is not null or (band = 'review' and same is null))
)
select concat_ws('/', l.record_type, l.submission, l.row_no, l.decision), l.county::text,
       to_char(l.month, 'YYYY-MM'), l.record_type, l.submission, l.row_no, l.quarantined,
       coalesce((select f.title from ops.feed f where f.county = l.county
           and f.record_type = l.record_type and f.producer = s.producer limit 1), s.producer),
       l.household_no, l.pass, l.how, match.how_words(l.how), l.band,
       match.band_words(l.band, l.quarantined, l.terms),
       round(l.weight / 1000.0, 3), to_char(l.weight / 1000.0, 'FM9990.000'),
       round(match.probability(l.weight)::numeric, 6),
       to_char(match.probability(l.weight), 'FM0.0000'),
       l.model, l.same, match.decision_words(l.same, l.pending),
       l.decided_by, to_char(l.decided_at, 'YYYY-MM-DD HH24:MI')
from link l
left join ops.submission s on s.county = l.county and s.submission = l.submission
order by l.county, l.month desc, l.record_type, l.weight desc nulls last, l.submission, l.row_no

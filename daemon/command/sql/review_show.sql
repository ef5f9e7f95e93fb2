-- review_show: one link as one object. $1 county or null, $2 record type, $3 submission, $4 row,
-- $5 number of a decision or null; the last columns are the numbers that a look-up shows.
select concat_ws('/', l.record_type, l.submission, l.row_no, l.decision), l.county::text,
       to_char(l.month, 'YYYY-MM'), l.record_type, l.submission, l.row_no, l.quarantined,
       l.household_no, l.pass, l.how, match.how_words(l.how), l.band,
       match.band_words(l.band, l.quarantined, l.terms),
       round(l.weight / 1000.0, 3), to_char(l.weight / 1000.0, 'FM9990.000'),
       round(match.probability(l.weight)::numeric, 6),
       to_char(match.probability(l.weight), 'FM0.0000'),
       l.model, l.same, match.decision_words(l.same, l.pending),
       l.decided_by, to_char(l.decided_at, 'YYYY-MM-DD HH24:MI'), l.reason, l.fields,
       coalesce((select jsonb_agg(term || jsonb_build_object(
               'weight', round((term ->> 'weight')::numeric / 1000, 3)) order by place)
           from jsonb_array_elements(l.terms) with ordinality as t (term, place)), '[]'),
       l.numbers[1], l.numbers[2]
from match.review_{sight}($1::integer, $2, $3::integer, $4::integer, $5::integer) as l

-- Findings of the month that rest on rows whose link is the same but weighs differently: change their
-- weakest link, and note in match.touched the keys whose cases tell it.
-- $1 county, $2 month
with rested as (
    select distinct f.rule, f.subject
    from match.finding as f
    cross join jsonb_array_elements(f.sources) as source
    join relinked as r on r.record_type = source ->> 'record_type'
        and r.submission = (source ->> 'submission')::integer
        and r.row_no = (source ->> 'row_no')::integer
        and not r.quarantined and not r.moved
    where f.county = $1 and f.month = $2
), weakest as (
    select distinct on (f.rule, f.subject) f.rule, f.subject, l.how, l.weight
    from rested
    join match.finding as f on f.county = $1 and f.month = $2 and f.rule = rested.rule
        and f.subject = rested.subject
    cross join jsonb_array_elements(f.sources) as source
    join match.link as l on l.county = $1 and l.month = $2
        and l.record_type = source ->> 'record_type'
        and l.submission = (source ->> 'submission')::integer
        and l.row_no = (source ->> 'row_no')::integer
        and l.band = 'linked' and not l.quarantined
    order by f.rule, f.subject, array_position(array[3, 2, 4, 1], l.pass::integer), l.weight, l.how
), changed as (
    update match.finding as f
    set link_pass = w.how, link_weight = w.weight
    from weakest as w
    where f.county = $1 and f.month = $2 and f.rule = w.rule and f.subject = w.subject
        and (f.link_pass, f.link_weight) is distinct from (w.how, w.weight)
)
insert into match.touched (county, key)
select distinct f.county, f.key
from rested
join match.finding as f on f.county = $1 and f.month = $2 and f.rule = rested.rule
    and f.subject = rested.subject
where f.key is not null
on conflict do nothing

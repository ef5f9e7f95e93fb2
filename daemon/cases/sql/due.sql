-- due: the events that the cases need, and their numbers; 0 rows when nothing differs.
-- $1 county, $2 route
create temp table due on commit drop as
with differ as (
    select coalesce(d.case_id, c.case_id) as case_id,
           case when d.case_id is null then 'withdrawn'
                when c.case_id is null or c.state = 'WITHDRAWN' then 'raised'
                when d.cleared is not null and c.cleared is null then 'cleared'
                when d.severity = 'red' and c.severity = 'yellow' then 'escalated'
                else 'updated' end as type,
           coalesce(c.case_seq, 0) + 1 as case_seq, c.last_event as previous_event
    from derived as d
    full join told_case as c on c.case_id = d.case_id
    where c.case_id is null or (d.case_id is null and c.state <> 'WITHDRAWN')
        or (d.case_id is not null and (c.state = 'WITHDRAWN' or d.content <> c.content))
), counter as (
    insert into cases.counter as k (county, route, value)
    select $1::integer, $2::text, count(*) from differ having count(*) > 0
    on conflict (county, route) do update set value = k.value + excluded.value
    returning value
)
select d.*, (select value from counter) - (select count(*) from differ)
           + row_number() over (order by d.case_id) as number,
       encode(sha256(convert_to($1::integer || '/' || d.case_id || '/' || d.case_seq, 'UTF8')), 'hex')
           as event_id
from differ as d

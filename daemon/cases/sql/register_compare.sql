-- The month's register and the one that named people when cases were told last: whether every case is
-- due, the submissions that came or went, those of both registers, how many rows the submissions that
-- came or went hold, and how many such submissions there are.
-- $1 county, $2 submissions of the register now
with both_times as (
    select $2::integer[] as now, register as old, full_due from match.county where county = $1
), differ as (
    select *,
           array((select unnest(now) except select unnest(old))
               union (select unnest(old) except select unnest(now))) as changed
    from both_times
)
select full_due, changed::text, array(select unnest(now) union select unnest(old))::text,
       -- Rows that were dropped can no longer be compared: too many for a part.
       (select coalesce(sum(case when dropped_at is null then stored else 1e15 end), 0)::bigint
        from ops.submission
        where county = $1 and submission = any(changed)), cardinality(changed)
from differ

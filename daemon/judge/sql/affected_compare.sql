-- The submissions that the month reads beside those in match.reading: each record type with whether it
-- could be read both times, all its submissions, those that came or went, and how many rows the latter
-- hold.
-- $1 county, $2 month, $3 record types that are complete now, $4 their submissions, as texts
with now as (
    select type, list::integer[] as list from unnest($3::text[], $4::text[]) as now (type, list)
), pair as (
    select coalesce(now.type, old.record_type) as type,
           now.type is not null and old.record_type is not null as both_times,
           coalesce(now.list, '{}') as now, coalesce(old.submissions, '{}') as old
    from now
    full join (
        select record_type, submissions from match.reading where county = $1 and month = $2
    ) as old on old.record_type = now.type
), compared as (
    select type, both_times,
           array(select unnest(now) union select unnest(old) order by 1) as every,
           array((select unnest(now) except select unnest(old))
               union (select unnest(old) except select unnest(now)) order by 1) as changed
    from pair
)
select type, both_times, every::text, changed::text,
       -- What rows are gone can no longer be compared: too many for a part.
       coalesce((select sum(case when dropped_at is null then stored + quarantined else 1e15 end)
                 from ops.submission as s
                 where s.county = $1 and s.submission = any(changed)), 0)::bigint
from compared

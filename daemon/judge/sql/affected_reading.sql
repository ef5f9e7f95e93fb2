-- Keep in match.reading the submissions that the month has read.
-- $1 county, $2 month, $3 record types that are complete, $4 their submissions, as texts
with now as (
    select type, list::integer[] as list from unnest($3::text[], $4::text[]) as now (type, list)
), gone as (
    delete from match.reading
    where county = $1 and month = $2 and record_type not in (select type from now)
)
insert into match.reading as r (county, month, record_type, submissions)
select $1, $2, type, list from now
on conflict (county, month, record_type) do update set submissions = excluded.submissions
where r.submissions <> excluded.submissions

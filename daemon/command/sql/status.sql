-- status: the whole hub in one row.
with open as (
    select count(*) n from ops.submission where state = 'open'
), unjudged as (
    select count(*) n
    from (select county, count(*) visible from ops.submission where state = 'visible'
          group by county) s
    left join match.county c using (county)
    where c.due is distinct from false or c.seen is distinct from s.visible
        or exists (select from match.decision d
                   where d.county = s.county and d.submissions is null)
), log as (
    select count(*) n from cases.outbox
), acked as (
    select coalesce(sum(acked), 0) n
    from (select max(acked) acked from cases.subscriber group by county, route) s
)
select (select max(version) from ops.schema_version),
       (select count(*) from ops.channel),
       (select count(*) from ops.channel where state <> 'ok'),
       open.n,
       (select count(*) from ops.submission where state = 'visible'),
       unjudged.n,
       (select to_char(max(judged_at), 'YYYY-MM-DD HH24:MI:SS') from match.month),
       (select count(*) from cases.case_masked where cleared is null and state <> 'WITHDRAWN'),
       log.n, acked.n, open.n = 0 and unjudged.n = 0
from open, unjudged, log, acked
where $1::integer is null or true or $2::date is null or $3::text is null

-- episode: runs of months in which a subject has a red or yellow finding open.
-- $1 county
create temp table episode on commit drop as
with ordered as (
    select key, since, until,
           max(until) over (partition by key order by since, until
               rows between unbounded preceding and 1 preceding) as before
    from spell where grave
), island as (
    select *, count(*) filter (where before is null or before < since - 1)
               over (partition by key order by since, until) as number
    from ordered
), run as (
    select key, number::integer as episode, min(since) as since, max(until) as until
    from island group by key, number
), edge as (
    select max(seq) as last, coalesce(max(seq) filter (where published), 0) as published
    from timeline
)
select $1::integer || '-' || run.key || '-' || run.episode as case_id, run.key, run.episode, run.since,
       run.until >= edge.last as is_open, run.until, edge.published
from run cross join edge

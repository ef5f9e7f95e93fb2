-- carry: how far a finding of a rule and month stays open because the rule does not run in the
-- months that follow. A rule without a row is off: its findings end.
-- $1 county
create temp table carry on commit drop as
with pause as (
    select r.rule, t.seq, not t.published or r.state in ('not_run', 'failed') as paused
    from (select distinct rule from match.run where county = $1) as known
    cross join timeline as t
    join match.run as r on r.county = $1 and r.rule = known.rule and r.month = t.month
), running as (
    select known.rule, t.seq, coalesce(p.paused, not t.published) as paused
    from (select distinct rule from match.run where county = $1) as known
    cross join timeline as t
    left join pause as p on p.rule = known.rule and p.seq = t.seq
)
select rule, seq,
       coalesce(min(case when not paused then seq end) over (
           partition by rule order by seq rows between 1 following and unbounded following) - 1,
           max(seq) over ()) as until
from running

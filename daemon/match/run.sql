-- Note how a rule's run ended. Of a month that was there before: another state or another feed
-- missing lets findings of other months reach further or less far, so that every case must be
-- derived again; another help missing is told with the findings of the month.
-- $1 county, $2 month, $3 rule, $4 its version, $5 state, $6 missing, $7 unhelped, $8 reason
with old as (
    select state, missing, unhelped from match.run where county = $1 and month = $2 and rule = $3
), new as (
    select ('{' || $6 || '}')::text[] as missing, ('{' || $7 || '}')::text[] as unhelped
), anew as (
    update match.county as c set anew = true
    from new
    where c.county = $1 and not c.anew and exists (
        select from old where (old.state, old.missing) is distinct from ($5, new.missing))
), told as (
    insert into match.touched (county, key)
    select distinct f.county, f.key
    from old
    join new on old.unhelped <> new.unhelped
    join match.finding as f on f.county = $1 and f.month = $2 and f.rule = $3
    where f.key is not null
    on conflict do nothing
)
insert into match.run as r (county, month, rule, rule_version, state, missing, unhelped, reason,
    findings, withheld)
select $1, $2, $3, $4, $5, new.missing, new.unhelped, $8,
       (select count(*) from match.finding where county = $1 and month = $2 and rule = $3),
       (select count(*) from match.withheld where county = $1 and month = $2 and rule = $3)
from new
on conflict (county, month, rule) do update
set rule_version = excluded.rule_version, state = excluded.state, missing = excluded.missing,
    unhelped = excluded.unhelped, reason = excluded.reason, findings = excluded.findings,
    withheld = excluded.withheld

-- Note how each rule's run ended. Of a month that was there before: another state or another feed
-- missing lets findings of other months reach further or less far, so that every case must be
-- derived again; another help missing is told with the findings of the month.
-- $1 county, $2 month, $3 rules, $4 their versions, $5 states, $6 missing and $7 unhelped, arrays as
-- texts, $8 reasons, $9 families
with new as (
    select rule, version, state, missing::text[] as missing, unhelped::text[] as unhelped, reason,
           family
    from unnest($3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
        as new (rule, version, state, missing, unhelped, reason, family)
), old as (
    select rule, state, missing, unhelped, family from match.run where county = $1 and month = $2
), full_due as (
    update match.county as c set full_due = true
    where c.county = $1 and not c.full_due and exists (
        select from old join new on new.rule = old.rule
        where (old.state, old.missing, old.family)
            is distinct from (new.state, new.missing, new.family))
), told as (
    insert into match.touched (county, key)
    select distinct f.county, f.key
    from old
    join new on new.rule = old.rule and old.unhelped <> new.unhelped
    join match.finding as f on f.county = $1 and f.month = $2 and f.rule = new.rule
    where f.key is not null
    on conflict do nothing
), found as (
    select rule, count(*) as count from match.finding where county = $1 and month = $2 group by rule
), kept as (
    select rule, count(*) as count from match.withheld where county = $1 and month = $2 group by rule
)
insert into match.run as r (county, month, rule, rule_version, state, missing, unhelped, reason,
    family, findings, withheld)
select $1, $2, new.rule, new.version, new.state, new.missing, new.unhelped, new.reason,
       new.family,
       coalesce(found.count, 0), coalesce(kept.count, 0)
from new
left join found on found.rule = new.rule
left join kept on kept.rule = new.rule
on conflict (county, month, rule) do update
set rule_version = excluded.rule_version, state = excluded.state, missing = excluded.missing,
    unhelped = excluded.unhelped, reason = excluded.reason, family = excluded.family,
    findings = excluded.findings,
    withheld = excluded.withheld
where (r.rule_version, r.state, r.missing, r.unhelped, r.reason, r.family, r.findings, r.withheld)
    is distinct from (excluded.rule_version, excluded.state, excluded.missing, excluded.unhelped,
        excluded.reason, excluded.family, excluded.findings, excluded.withheld)

-- Bring cases.finding to the findings in `held`. A withdrawn case holds nothing.
-- $1 county
with gone as (
    delete from cases.finding as f
    where f.county = $1 and f.case_id in (select case_id from told_case) and not exists (
        select from held as h
        where h.case_id = f.case_id and h.rule = f.rule and h.subject = f.subject)
)
insert into cases.finding as f (county, case_id, rule, subject, month, since, rechecked)
select $1, case_id, rule, subject, month, since, rechecked from held
on conflict (county, case_id, rule, subject) do update
set month = excluded.month, since = excluded.since, rechecked = excluded.rechecked
where (f.month, f.since, f.rechecked)
    is distinct from (excluded.month, excluded.since, excluded.rechecked)

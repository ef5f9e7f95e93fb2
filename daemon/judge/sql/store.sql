-- Bring the findings in `replaced` to the rows of `found`, and note in match.touched the keys whose
-- cases that can change.
-- $1 county, $2 month
with gone as (
    delete from match.finding as f
    using replaced as r
    where f.county = $1 and f.month = $2 and f.rule = r.rule and f.subject = r.subject
        and not exists (select from found where found.rule = f.rule and found.subject = f.subject)
    returning f.key
), changed as (
    insert into match.finding as f (county, month, rule, subject, rule_version, subject_type,
        subject_ref, severity, household_no, person, person_ref, area, "values", sources, link_pass,
        link_weight, urgent, route)
    select $1, $2, rule, subject, rule_version, subject_type, subject_ref, severity, household_no,
           person, person_ref, area, "values", sources, link_pass,
           link_weight, urgent, route
    from found
    on conflict (county, month, rule, subject) do update
    set rule_version = excluded.rule_version, subject_type = excluded.subject_type,
        subject_ref = excluded.subject_ref, severity = excluded.severity,
        household_no = excluded.household_no, person = excluded.person,
        person_ref = excluded.person_ref, area = excluded.area,
        "values" = excluded."values", sources = excluded.sources, link_pass = excluded.link_pass,
        link_weight = excluded.link_weight, urgent = excluded.urgent,
        route = excluded.route
    where (f.rule_version, f.subject_type, f.subject_ref, f.severity, f.household_no, f.person,
           f.person_ref, f.area, f."values", f.sources, f.link_pass,
           f.link_weight, f.urgent, f.route)
        is distinct from
        (excluded.rule_version, excluded.subject_type, excluded.subject_ref, excluded.severity,
         excluded.household_no, excluded.person, excluded.person_ref, excluded.area,
         excluded."values", excluded.sources, excluded.link_pass,
         excluded.link_weight, excluded.urgent, excluded.route)
    returning f.rule, f.subject, f.key
)
insert into match.touched (county, key)
select $1, key from gone where key is not null
union
select $1, key from changed where key is not null
union
select $1, r.key from changed as c
join replaced as r on r.rule = c.rule and r.subject = c.subject
where r.key is not null
on conflict do nothing

-- stand: each case with its findings as one text, and the month that the case rests on.
create temp table stand on commit drop as
with told as (
    select case_id, max(seq) as seq,
           bool_or(severity = 'red') as red,
           min(household_no) as household_no, min(person) as person,
           min(area) as area,
           string_agg(concat_ws('|', rule, rule_version, subject_ref, since, severity, rechecked,
               link_pass, link_weight, "values"::text, array_to_string(unhelped, ',')), E'\n'
               order by rule, subject) as text
    from held group by case_id
)
select e.case_id, e.key, e.episode, e.is_open, e.since, e.until, t.red, t.household_no, t.person, t.area,
       t.text, case when e.is_open then greatest(e.published, t.seq) else e.until end as at
from episode as e
join told as t on t.case_id = e.case_id

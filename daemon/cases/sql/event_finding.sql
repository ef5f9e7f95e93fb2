-- The findings that the events tell.
-- $1 first and $2 last number
select due.number, held.rule, held.rule_version, held.severity, held.subject_type,
       held.subject_ref, held."values"::text, held.link_pass, held.route,
       ops.month_number(held.month), ops.month_number(held.since), held.rechecked,
       array_to_string(held.unhelped, ','), held.link_weight
from due
join held on held.case_id = due.case_id
where due.number between $1 and $2
order by due.number, held.rule, held.subject

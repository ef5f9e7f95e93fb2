-- findings: what the rules found. $3 a rule, household number or subject_ref.
select rule, rule_version, to_char(month, 'YYYY-MM'), county::text, severity,
       case severity when 'red' then '红' when 'yellow' then '黄' else '绿' end,
       household_no, subject_type, subject, subject_ref, "values", sources, link_pass, urgent,
       route
from match.finding_{sight}
where ($1::integer is null or county = $1) and ($2::date is null or month = $2)
  and ($3::text is null or $3 in (rule, household_no, subject_ref))
order by county, month, rule, subject_ref

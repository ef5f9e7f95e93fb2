-- held: the findings that a case holds, a row each. $3 the case. A weight is shown in bits.
select rule, rule_version, severity,
       case severity when 'red' then '红' when 'yellow' then '黄' else '绿' end,
       to_char(since, 'YYYY-MM'), to_char(month, 'YYYY-MM'), rechecked, subject_type, subject,
       subject_ref, link_pass, to_char(link_weight / 1000.0, 'FM9990.000'), route, "values"::text,
       (select string_agg((s ->> 'record_type') || '/' || (s ->> 'submission') || '/' ||
               (s ->> 'row_no'), ' ') from jsonb_array_elements(sources) s),
       array_to_string(unhelped, '、'),
       concat_ws(' 至 ', to_char(oldest, 'YYYY-MM'), to_char(newest, 'YYYY-MM'))
from cases.finding_{sight}
where ($1::integer is null or county = $1) and $2::date is null and case_id = $3
order by rule, subject_ref

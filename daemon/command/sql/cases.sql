-- cases: the consolidated warnings, one a household.
select c.case_id, c.county::text, c.household_no, c.subject_ref, c.episode, c.severity,
       case c.severity when 'red' then '红' else '黄' end, c.x01, c.state,
       to_char(c.opened, 'YYYY-MM'), to_char(c.cleared, 'YYYY-MM'), c.case_seq,
       coalesce(f.list, '[]'), f.rules
from cases.case_masked c
left join lateral (
    select jsonb_agg(jsonb_build_object(
               'rule', rule, 'month', to_char(month, 'YYYY-MM'),
               'since', to_char(since, 'YYYY-MM'), 'severity', severity,
               'subject_ref', subject_ref, 'rechecked', rechecked)
               order by rule, subject_ref) list,
           string_agg(distinct rule, ' ') rules
    from cases.finding_masked h where h.county = c.county and h.case_id = c.case_id
) f on true
where ($1::integer is null or c.county = $1)
  and ($2::date is null or (c.opened <= $2 and (c.cleared is null or c.cleared > $2)))
  and $3::text is null
order by c.county, c.severity, c.opened, c.case_id

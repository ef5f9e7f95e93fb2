-- case: one of them as one object, with every finding's values, sources and links. $3 its id.
select c.case_id, c.county::text, c.household_no, c.subject_ref, c.episode, c.severity,
       case c.severity when 'red' then '红' else '黄' end, c.x01, c.state,
       to_char(c.opened, 'YYYY-MM'), to_char(c.cleared, 'YYYY-MM'), c.case_seq,
       coalesce(f.list, '[]'), f.rules
from cases.case_masked c
left join lateral (
    select jsonb_agg(jsonb_build_object(
               'rule', rule, 'rule_version', rule_version, 'month', to_char(month, 'YYYY-MM'),
               'since', to_char(since, 'YYYY-MM'), 'severity', severity, 'rechecked', rechecked,
               'subject_type', subject_type, 'subject', subject, 'subject_ref', subject_ref,
               'values', "values", 'sources', sources, 'link_pass', link_pass,
               'link_weight', link_weight, 'links', links, 'missing', to_jsonb(unhelped),
               'oldest', to_char(oldest, 'YYYY-MM'), 'newest', to_char(newest, 'YYYY-MM'),
               'route', route)
               order by rule, subject_ref) list,
           string_agg(distinct rule, ' ') rules
    from cases.finding_{sight} h where h.county = c.county and h.case_id = c.case_id
) f on true
where ($1::integer is null or c.county = $1) and $2::date is null and c.case_id = $3

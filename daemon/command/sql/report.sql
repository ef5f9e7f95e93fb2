-- report: what each rule did for a month, and what was missing.
select county::text, to_char(r.month, 'YYYY-MM'), rule, rule_version, r.state,
       case r.state when 'run' then '已运行' when 'not_run' then '未运行' else '出错' end,
       r.findings, r.withheld, to_jsonb(r.missing), array_to_string(r.missing, '、'),
       to_jsonb(r.unhelped), r.reason, m.settled
from match.run r
join match.month m using (county, month)
where ($1::integer is null or county = $1) and ($2::date is null or r.month = $2)
  and ($3::text is null or rule = $3)
order by county, r.month, rule

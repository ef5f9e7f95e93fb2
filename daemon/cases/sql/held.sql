-- held: the findings of each case in its last open month, green ones too.
-- $1 county
create temp table held on commit drop as
with newest as (
    select e.case_id, e.is_open, e.published, e.until as last, s.rule, s.subject, s.since,
           max(m.seq) as seq
    from episode as e
    join spell as s on not s.grave and s.key = e.key and s.since <= e.until and s.until >= e.until
    join mark as m on m.key = s.key and m.rule = s.rule and m.subject = s.subject
        and m.severity is not null and m.seq between s.since and e.until
    group by e.case_id, e.is_open, e.published, e.until, s.rule, s.subject, s.since
)
select n.case_id, n.rule, n.subject, n.seq, t.month, began.month as since,
       n.seq >= case when n.is_open then n.published else n.last end as rechecked,
       f.severity, f.rule_version, f.subject_ref, f."values", f.link_pass, f.link_weight, f.route, f.person,
       f.household_no, f.area, f.subject_type, f.person_ref, r.unhelped
from newest as n
join timeline as t on t.seq = n.seq
join timeline as began on began.seq = n.since
join caught as f on f.month = t.month and f.rule = n.rule
    and f.subject = n.subject
left join match.run as r on r.county = $1 and r.month = t.month and r.rule = n.rule

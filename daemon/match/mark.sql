-- mark: what each month says of a subject: found, or kept back because nothing is certain.
-- Cases belong to a household, to a person without one, to water works, or to a village.
-- $1 county
create temp table mark on commit drop as
with found as (
    select case when f.subject_type = 'works' then 'W' || f.subject
                when f.subject_type = 'complaint' then 'A' || f.area
                else coalesce('H' || f.household_no, 'P' || left(f.person_ref, 16)) end as key,
           f.rule, f.subject, t.seq, f.severity
    from match.finding as f
    join timeline as t on t.month = f.month
    where f.county = $1 and (t.published or f.urgent)
        and (f.household_no is not null or f.person_ref is not null or f.area is not null
            or f.subject_type = 'works')
)
select key, rule, subject, seq, severity from found
union all
select known.key, w.rule, w.subject, t.seq, null
from match.withheld as w
join timeline as t on t.month = w.month and t.published
join (select distinct key, rule, subject from found) as known
    on known.rule = w.rule and known.subject = w.subject
where w.county = $1

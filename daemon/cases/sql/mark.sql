-- mark: each month's word on a subject: found, or withheld because nothing is certain. Cases belong to a
-- household, to a person without one, to water works, or to a village.
-- $1 county
create temp table mark on commit drop as
with found as (
    select f.key, f.rule, f.subject, t.seq, f.severity
    from caught as f
    join timeline as t on t.month = f.month
    where f.key is not null and (t.published or f.urgent)
)
select key, rule, subject, seq, severity from found
union all
select known.key, w.rule, w.subject, t.seq, null
from match.withheld as w
join timeline as t on t.month = w.month and t.published
join (select distinct key, rule, subject from found) as known
    on known.rule = w.rule and known.subject = w.subject
where w.county = $1

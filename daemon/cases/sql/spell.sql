-- spell: runs of months in which a finding is open; grave: red or yellow ones only.
create temp table spell on commit drop as
with seen as (
    select false as grave, key, rule, subject, seq, severity is not null as is_found from mark
    union all
    select true, key, rule, subject, seq, severity is not null from mark
    where severity is null or severity in ('red', 'yellow')
), covered as (
    select s.*, c.until,
           max(c.until) over (partition by s.grave, s.key, s.rule, s.subject order by s.seq
               rows between unbounded preceding and 1 preceding) as before
    from seen as s
    join carry as c on c.rule = s.rule and c.seq = s.seq
), island as (
    select *, count(*) filter (where before is null or before < seq - 1)
               over (partition by grave, key, rule, subject order by seq) as number
    from covered
)
select grave, key, rule, subject,
       min(seq) filter (where is_found) as since,
       max(until) as until
from island
group by grave, key, rule, subject, number
having bool_or(is_found)

-- Bring the subjects in `released` to the rows of withheld_row, and note in match.touched the keys whose
-- cases that can change: those of findings of the same rule and subject in any month.
-- $1 county, $2 month, $3 and $4 what HMAC puts before the inner and the outer message
with gone as (
    delete from match.withheld as w
    using released as r
    where w.county = $1 and w.month = $2 and w.rule = r.rule and w.subject = r.subject
        and not exists (select from withheld_row as k
                        where k.rule = w.rule and k.subject = w.subject)
    returning w.rule, w.subject
), changed as (
    insert into match.withheld as w (county, month, rule, subject, subject_ref, why)
    select $1, $2, rule, subject,
           match.reference($3, $4, subject), why
    from withheld_row
    on conflict (county, month, rule, subject) do update set why = excluded.why
    where w.why <> excluded.why
    returning rule, subject
)
insert into match.touched (county, key)
select distinct f.county, f.key
from (select rule, subject from gone union all select rule, subject from changed) as c
join match.finding as f on f.county = $1 and f.rule = c.rule and f.subject = c.subject
where f.key is not null
on conflict do nothing

-- Bring match.withheld to what was kept back, after those that no longer are have been deleted.
-- $1 county, $2 month, $3 and $4 what HMAC puts before the inner and the outer message
insert into match.withheld as w (county, month, rule, subject, subject_ref, why)
select $1, $2, rule, subject,
       encode(sha256($4 || sha256($3 || convert_to(subject, 'UTF8'))), 'hex'), why
from withheld_row
on conflict (county, month, rule, subject) do update set why = excluded.why
where w.why <> excluded.why

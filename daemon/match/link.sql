-- Bring match.link to what was linked, as far as `relinked` says.
-- $1 county, $2 month, $3 the model's version
with gone as (
    delete from match.link as l
    using relinked as r
    where l.county = $1 and l.month = $2 and r.now is null and r.record_type = l.record_type
        and r.submission = l.submission and r.row_no = l.row_no and r.quarantined = l.quarantined
)
insert into match.link as l (county, month, record_type, submission, row_no, quarantined,
    record_key, id_no, household_no, pass, how, band, weight, terms, model)
select $1, $2, s.record_type, s.submission, s.row_no, s.quarantined, s.record_key, s.id_no,
       s.household_no, s.pass, s.how, s.band, s.weight, s.terms, $3
from scored as s
join relinked as r using (record_type, submission, row_no, quarantined)
where r.now is not null
on conflict (county, month, record_type, submission, row_no, quarantined) do update
set record_key = excluded.record_key, id_no = excluded.id_no,
    household_no = excluded.household_no, pass = excluded.pass, how = excluded.how,
    band = excluded.band, weight = excluded.weight, terms = excluded.terms, model = excluded.model

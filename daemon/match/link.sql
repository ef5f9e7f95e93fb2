-- Bring match.link to what was linked.
-- $1 county, $2 month, $3 the model's version
insert into match.link as l (county, month, record_type, submission, row_no, quarantined,
    record_key, id_no, household_no, pass, how, band, weight, terms, model)
select $1, $2, record_type, submission, row_no, quarantined, record_key, id_no, household_no, pass,
       how, band, weight, terms, $3
from scored
where band <> 'apart'
on conflict (county, month, record_type, submission, row_no, quarantined) do update
set record_key = excluded.record_key, id_no = excluded.id_no,
    household_no = excluded.household_no, pass = excluded.pass, how = excluded.how,
    band = excluded.band, weight = excluded.weight, terms = excluded.terms, model = excluded.model
where (l.record_key, l.id_no, l.household_no, l.pass, l.how, l.band, l.weight, l.terms, l.model)
    is distinct from (excluded.record_key, excluded.id_no, excluded.household_no, excluded.pass,
        excluded.how, excluded.band, excluded.weight, excluded.terms, excluded.model)

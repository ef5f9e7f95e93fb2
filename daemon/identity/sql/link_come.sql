-- Put into match.link the rows of `scored` that are new, or say something else, by `relinked`.
-- $1 county, $2 month, $3 the model's version
insert into match.link (county, month, submission, row_no, quarantined, record_type, record_key, id_no,
    household_no, pass, how, band, weight, terms, model)
select $1, $2, s.submission, s.row_no, s.quarantined, s.record_type, s.record_key, s.id_no,
       s.household_no, s.pass, s.how, s.band, s.weight, s.terms, $3
from scored as s
join relinked as r using (submission, row_no, quarantined)
where r.now is not null

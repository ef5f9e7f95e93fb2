-- Put into match.unmatched_row the rows that only `unmatched` holds.
-- $1 county, $2 month
insert into match.unmatched_row (county, month, submission, row_no, quarantined, record_type, record_key,
    key_rest, known_id, known_name, known_fold, known_household, id_no, name, phone, address, area,
    household_no)
select $1, $2, submission, row_no, quarantined, record_type, record_key, key_rest, known_id,
       known_name, known_fold, known_household, id_no, name, phone, address, area, household_no
from unmatched as u
where not exists (
    select from match.unmatched_row as o
    where o.county = $1 and o.month = $2 and o.submission = u.submission and o.row_no = u.row_no
        and o.quarantined = u.quarantined)

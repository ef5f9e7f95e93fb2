-- The unmatched rows that are kept of a month.
-- $1 county, $2 month
{into}
select record_type, record_key, key_rest, submission, row_no, quarantined, known_id, known_name,
       known_fold, known_household, id_no, name, phone, address, area, household_no
from match.unmatched_row
where county = $1 and month = $2

-- The quarantined rows of a record type that nothing later mends.
-- $1 record type, $2 county, $3 submissions, $4 those that may mend a row
insert into unknown (record_type, id_no, fold, household_no, why)
select $1::text, q.id_no, match.fold(q.name_key, q.name), q.household_no, 'quarantined'
from ops.quarantine as q
where q.county = $2 and q.submission = any($3::integer[]){mended}

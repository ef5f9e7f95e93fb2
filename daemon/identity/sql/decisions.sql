-- The clerks' decisions of a county, in the order of their bytes.
-- $1 county
select record_type, record_key, id_no, same, submissions
from match.decision
where county = $1
order by record_type collate "C", record_key collate "C", id_no collate "C"

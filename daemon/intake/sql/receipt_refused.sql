-- Rows that the hub itself refused; the adapter knows its own.
-- $1 county, $2 submission, $3 most rows
select row_no, field, reason
from ops.quarantine
where county = $1 and submission = $2 and hub
order by row_no
limit $3

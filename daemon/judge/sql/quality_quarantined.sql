-- Q01, Q04: rows that were quarantined for a bad number, or for keys that contradict each other.
q.submission, q.row_no, q.field
from came as c
join ops.quarantine as q on q.county = $1 and q.submission = c.submission
where c.record_type = '{name}' and q.reason = '{reason}'

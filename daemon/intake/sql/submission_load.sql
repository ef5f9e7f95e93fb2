-- A submission that is half in.
-- $1 county, $2 submission
select first_seq, last_seq, producer, record_type, ops.month_number(period), kind, wanted_revision, nil,
       expected_rows, expected_unresolved, expected_batches, rows, unresolved, batches, stored,
       quarantined, totals, digest, hash_state
from ops.submission
where county = $1 and submission = $2 and state = 'open'

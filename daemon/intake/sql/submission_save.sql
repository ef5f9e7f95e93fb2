-- Note what a submission holds after one more batch; no row when it is not half in.
-- $1 county, $2 submission, $3 rows, $4 unresolved rows, $5 batches, $6 stored and $7 quarantined rows,
-- $8 control totals, $9 state of the running digest
update ops.submission
set rows = $3, unresolved = $4, batches = $5, stored = $6, quarantined = $7, totals = $8, hash_state = $9
where county = $1 and submission = $2 and state = 'open'

-- Whether a roster has no full submission that a delta or correction could rest on.
-- $1 county, $2 producer, $3 record type, $4 period
select not exists (
    select from ops.submission
    where county = $1 and producer = $2 and record_type = $3 and period <= $4 and kind = 'full'
        and state = 'visible')

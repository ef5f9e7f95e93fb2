-- Move a channel to its next entry; no row when another session has moved it.
-- $1 channel, $2 sequence number, $3 epoch, $4 generation, $5 next sequence number, $6 county and
-- $7 submission that is half in, or null, $8 digest of the entry before
update ops.channel
set next_seq = $5, county = $6, submission = $7, previous = $8, changed_at = now()
where name = $1 and next_seq = $2 and epoch = $3 and generation = $4 and state = 'ok'

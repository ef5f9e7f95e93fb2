-- Note what a session begins with.
-- $1 channel, $2 epoch, $3 next sequence number, $4 generation, $5 digest of the entry before
update ops.channel
set epoch = $2, next_seq = $3, generation = $4, previous = $5, changed_at = now()
where name = $1

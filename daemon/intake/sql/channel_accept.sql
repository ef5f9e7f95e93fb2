-- Accept a channel anew, and forget its position.
-- $1 channel
update ops.channel
set state = 'ok', reason = null, epoch = null, next_seq = 0, county = null, submission = null,
    changed_at = now()
where name = $1

-- Stop a channel.
-- $1 channel, $2 reason
update ops.channel
set state = 'stopped', reason = $2, changed_at = now()
where name = $1

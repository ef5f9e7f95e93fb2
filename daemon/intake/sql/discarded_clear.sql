-- Forget how many rows a channel's discarded submissions hold, and name those whose rows must go.
-- $1 channel
update ops.submission
set stored = 0, quarantined = 0
where channel = $1 and state = 'discarded' and stored + quarantined > 0
returning county, submission, record_type

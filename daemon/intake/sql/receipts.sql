-- The submissions of a channel that have ended, for their receipts; of several at one place in the spool
-- the newest.
-- $1 channel, $2 epoch, $3 first and $4 end of the sequence numbers, $5 most receipts
select distinct on (last_seq) uuid, last_seq, state, county, submission, revision, stored, quarantined,
       digest, (extract(epoch from closed_at) * 1000000)::bigint, code, reason, reason_zh, partial,
       array_to_string(warnings, ' ')
from ops.submission
where channel = $1 and epoch = $2 and last_seq >= $3 and last_seq < $4 and state <> 'open'
order by last_seq, opened_at desc
limit $5

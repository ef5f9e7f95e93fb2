-- A channel's position; "for update" keeps others away from it until the transaction ends.
-- $1 channel
select epoch, next_seq, generation, previous, state, county, submission
from ops.channel
where name = $1 {lock}

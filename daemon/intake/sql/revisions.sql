-- The visible revisions of a feed and period, newest first.
-- $1 county, $2 producer, $3 record type, $4 period
select revision, kind, nil, digest, uuid
from ops.submission
where county = $1 and producer = $2 and record_type = $3 and period = $4 and state = 'visible'
order by revision desc

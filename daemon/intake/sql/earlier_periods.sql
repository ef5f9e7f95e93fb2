-- How many rows a feed's full submissions of the three periods before held, newest first.
-- $1 county, $2 producer, $3 record type, $4 period
select distinct on (period) stored + quarantined, digest
from ops.submission
where county = $1 and producer = $2 and record_type = $3 and period < $4 and kind = 'full'
    and state = 'visible'
order by period desc, revision desc
limit 3

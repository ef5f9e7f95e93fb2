-- came: the submissions that came for the month, of every sector.
-- $1 county, $2 month
create temp table came on commit drop as
select record_type, producer, submission, stored + quarantined as rows
from ops.submission
where county = $1 and period = $2 and state = 'visible'

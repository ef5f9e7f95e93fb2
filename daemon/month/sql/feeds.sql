-- The feeds that a county's standing grants name, with the first and last period in which each is expected.
-- $1 county
select record_type, producer, expected, ops.month_number(first_period), ops.month_number(last_period)
from ops."grant"
where county = $1 and producer is not null and until is null

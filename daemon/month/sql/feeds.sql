-- The feeds that a county's standing grants name, with the first and last period in which each is expected.
-- $1 county
select record_type, producer, expected, to_char(first_period, 'YYYYMM'), to_char(last_period, 'YYYYMM')
from ops."grant"
where county = $1 and producer is not null and until is null

-- The first number in the outbox and the one behind the last.
-- $1 county, $2 route
select coalesce(min(number), 1), coalesce(max(number) + 1, 1)
from cases.outbox
where county = $1 and route = $2

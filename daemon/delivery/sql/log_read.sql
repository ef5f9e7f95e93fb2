-- Events from a number on, as many as fit, at least one. octet_length reads a large body's size from its
-- pointer, not the body.
-- $1 county, $2 route, $3 first number, $4 bytes, $5 most events
select number, body
from (
    select number, body, sum(octet_length(body)) over (order by number) as total
    from (
        select number, body from cases.outbox
        where county = $1 and route = $2 and number >= $3
        order by number limit $5
    ) ahead
) event
where total <= $4 or number = $3
order by number

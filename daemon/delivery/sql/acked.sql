-- Note up to which number a subscriber has its events.
-- $1 county, $2 route, $3 subscriber, $4 number
insert into cases.subscriber (county, route, name, acked)
values ($1, $2, $3, $4)
on conflict (county, route, name) do update
set acked = excluded.acked, changed_at = now()
where cases.subscriber.acked <> excluded.acked

-- The county's next submission number.
-- $1 county
insert into ops.counter as c (county, name, value) values ($1, 'submission', 1)
on conflict (county, name) do update set value = c.value + 1
returning value

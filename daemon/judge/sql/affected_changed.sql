-- The rows of a record type that came or went.
insert into {name}
select * from {table} where county = {county} and submission = any('{changed}'::integer[])

-- Begin the logins' counties of which no row stands: $1 the list's logins, $2 the day.
insert into ops.login (login, county, since)
select l.login, l.county, $2::date
from jsonb_to_recordset($1::jsonb) as l(login text, county integer)
where not exists (
    select from ops.login as o
    where o.until is null and o.login = l.login and o.county = l.county)

-- End the logins' counties that the list no longer names: $1 the list's logins, $2 the day.
update ops.login as o set until = greatest(o.since, $2::date)
where o.until is null and not exists (
    select from jsonb_to_recordset($1::jsonb) as l(login text, county integer)
    where l.login = o.login and l.county = o.county)

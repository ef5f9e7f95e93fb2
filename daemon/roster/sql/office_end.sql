-- End the offices that the list no longer names so: $1 the list's offices, $2 the day.
update ops.office as o set until = greatest(o.since, $2::date)
where o.until is null and not exists (
    select from jsonb_to_recordset($1::jsonb)
        as l(kind text, code text, title text, county integer)
    where l.kind = o.kind and l.code = o.code
        and (l.title, l.county) is not distinct from (o.title, o.county))

-- Begin the offices of the list of which no row stands: $1 the list's offices, $2 the day.
insert into ops.office (kind, code, title, county, since)
select l.kind, l.code, l.title, l.county, $2::date
from jsonb_to_recordset($1::jsonb) as l(kind text, code text, title text, county integer)
where not exists (
    select from ops.office as o
    where o.until is null and o.kind = l.kind and o.code = l.code
        and (o.title, o.county) is not distinct from (l.title, l.county))

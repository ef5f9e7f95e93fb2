-- Note the digests by which a month was judged, and that its county's cases are due. A month that is new
-- behind all others leaves closed cases as they are; a month between others changes which months are
-- consecutive.
-- $1 county, $2 month, $3 digest of the submissions, $4 of everything, $5 profile
with known as (
    select max(month) as newest, coalesce(bool_or(month = $2), false) as here
    from match.month where county = $1
), due as (
    insert into match.county as c (county, due) values ($1, true)
    on conflict (county) do update
    set due = true,
        spread = c.spread or not (select here from known),
        full_due = c.full_due or (select not here and newest > $2 from known)
)
insert into match.month as m (county, month, rows, input, profile) values ($1, $2, $3, $4, $5)
on conflict (county, month) do update
set rows = excluded.rows, input = excluded.input, profile = excluded.profile, judged_at = now()

-- End the grants that the list no longer names so: $1 the list's grants, $2 the day.
update ops."grant" as g set until = greatest(g.since, $2::date)
where g.until is null and not exists (
    select from jsonb_to_recordset($1::jsonb)
        as l(channel text, producer text, record_type text, audience text, county integer,
             expected boolean, first_period date, last_period date)
    where l.channel = g.channel and l.county = g.county
        and (l.producer, l.record_type, l.audience, l.expected, l.first_period, l.last_period)
            is not distinct from
            (g.producer, g.record_type, g.audience, g.expected, g.first_period, g.last_period))

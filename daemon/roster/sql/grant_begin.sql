-- Begin the grants of the list of which no row stands: $1 the list's grants, $2 the day.
insert into ops."grant" (channel, producer, record_type, audience, county, expected, first_period,
    last_period, since)
select l.channel, l.producer, l.record_type, l.audience, l.county, l.expected, l.first_period,
       l.last_period, $2::date
from jsonb_to_recordset($1::jsonb)
    as l(channel text, producer text, record_type text, audience text, county integer,
         expected boolean, first_period date, last_period date)
where not exists (
    select from ops."grant" as g
    where g.until is null and g.channel = l.channel and g.county = l.county
        and (g.producer, g.record_type, g.audience, g.expected, g.first_period, g.last_period)
            is not distinct from
            (l.producer, l.record_type, l.audience, l.expected, l.first_period, l.last_period))

-- Begin the keys of the list of which no row stands: $1 the list's keys, $2 the day.
insert into ops.key (kind, channel, public_key, since)
select l.kind, l.channel, l.public_key, $2::date
from jsonb_to_recordset($1::jsonb) as l(kind text, channel text, public_key text)
where not exists (
    select from ops.key as k
    where k.until is null and k.kind = l.kind and k.channel = l.channel
        and k.public_key = l.public_key)

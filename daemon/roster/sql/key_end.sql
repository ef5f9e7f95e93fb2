-- End the keys that the list no longer names so: $1 the list's keys, $2 the day.
update ops.key as k set until = greatest(k.since, $2::date)
where k.until is null and not exists (
    select from jsonb_to_recordset($1::jsonb) as l(kind text, channel text, public_key text)
    where l.kind = k.kind and l.channel = k.channel and l.public_key = k.public_key)

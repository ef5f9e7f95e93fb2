-- Quarantine all rows of a submission whose natural key comes more than once; returns how many.
-- Filled in: the key's columns, also as k0 and so on; that t and twice have one key; t's columns, or null
-- where the record type has none.
-- $1 county, $2 submission, $3 the key's first field
with twice as materialized (
    select removed, {numbered}
    from {table}
    where county = $1 and submission = $2
    group by removed, {key}
    having count(*) > 1
), gone as (
    delete from {table} t
    using twice
    where t.county = $1 and t.submission = $2 and t.removed = twice.removed and {same}
    returning t.row_no, {id_no}, {name}, {name_key}, {phone}, {household_no}
), kept as (
    insert into ops.quarantine (county, submission, row_no, field, reason, hub, id_no, name, name_key,
        phone, household_no)
    select $1, $2, g.n, $3, 'key', true, g.id_no, g.name, g.name_key, g.phone, g.household_no
    from gone as g (n, id_no, name, name_key, phone, household_no)
    on conflict do nothing
)
select count(*) from gone

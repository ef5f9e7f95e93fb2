-- Bring match.open_row to `unresolved`; of a scope, as far as its rows were looked at.
-- $1 county, $2 month, $3 only a scope was looked at
with gone as (
    delete from match.open_row as o
    where o.county = $1 and o.month = $2
        and (not $3::boolean or o.quarantined
             or (o.record_type, o.submission, o.row_no) in
                (select record_type, submission, row_no from looked))
        and not exists (
            select from unresolved as u
            where u.record_type = o.record_type and u.submission = o.submission
                and u.row_no = o.row_no and u.quarantined = o.quarantined)
    returning 1
), come as (
    insert into match.open_row as o (county, month, record_type, submission, row_no, quarantined,
        record_key, key_rest, known_id, known_name, known_fold, known_household, id_no, name, phone,
        address, area, household_no)
    select $1, $2, record_type, submission, row_no, quarantined, record_key, key_rest, known_id,
           known_name, known_fold, known_household, id_no, name, phone, address, area, household_no
    from unresolved
    on conflict (county, month, record_type, submission, row_no, quarantined) do update
    set record_key = excluded.record_key, key_rest = excluded.key_rest,
        known_id = excluded.known_id, known_name = excluded.known_name,
        known_fold = excluded.known_fold, known_household = excluded.known_household,
        id_no = excluded.id_no, name = excluded.name, phone = excluded.phone,
        address = excluded.address, area = excluded.area, household_no = excluded.household_no
    where (o.record_key, o.key_rest, o.known_id, o.known_name, o.known_fold, o.known_household,
           o.id_no, o.name, o.phone, o.address, o.area, o.household_no)
        is distinct from (excluded.record_key, excluded.key_rest, excluded.known_id,
           excluded.known_name, excluded.known_fold, excluded.known_household, excluded.id_no,
           excluded.name, excluded.phone, excluded.address, excluded.area, excluded.household_no)
    returning 1
)
select (select count(*) from gone) + (select count(*) from come)

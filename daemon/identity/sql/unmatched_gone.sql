-- Delete from match.unmatched_row the rows that `unmatched` does not hold with the same columns; of an
-- affected set, as far as its rows were looked at.
-- $1 county, $2 month, $3 only an affected set was looked at
delete from match.unmatched_row as o
where o.county = $1 and o.month = $2
    and (not $3::boolean or o.quarantined
         or (o.submission, o.row_no) in (select submission, row_no from looked))
    and not exists (
        select from unmatched as u
        where u.submission = o.submission and u.row_no = o.row_no and u.quarantined = o.quarantined
            and (u.record_key, u.key_rest, u.known_id, u.known_name, u.known_fold,
                 u.known_household, u.id_no, u.name, u.phone, u.address, u.area, u.household_no)
                is not distinct from (o.record_key, o.key_rest, o.known_id, o.known_name,
                    o.known_fold, o.known_household, o.id_no, o.name, o.phone, o.address, o.area,
                    o.household_no))

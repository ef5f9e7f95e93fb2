-- The rows of `unmatched` whose number is no member's, or those whose number is.
copy (
    select record_type, record_key, key_rest, submission, row_no, quarantined, known_id, known_name,
           known_fold, known_household, id_no, name, phone, address, area, household_no
    from unmatched
    where known_id is {known}
) to stdout (format binary)

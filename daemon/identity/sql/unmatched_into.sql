-- Every column of `unmatched`.
insert into unmatched (record_type, record_key, key_rest, submission, row_no, quarantined, known_id,
    known_name, known_fold, known_household, id_no, name, phone, address, area, household_no)

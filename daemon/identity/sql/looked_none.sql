-- looked where nothing is: of a whole month no row is looked at twice.
select record_type, submission, row_no, id_no from unmatched where false

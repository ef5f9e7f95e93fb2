-- A link with a member who stands in the list by a row of their own, under the same key, counts for nothing.
-- By the index on the number for each (offset 0): a join would sort the list, and links are few.
update scored as s
set band = 'taken'
where s.record_type = '{name}' and not s.quarantined and s.band in ('linked', 'review')
    and exists (
        select from {view} as r
        where r.id_no = s.id_no and (r.submission, r.row_no) <> (s.submission, s.row_no)
            and {key} = s.key_rest
        offset 0)

-- The rows of raw_<type>, those that are linked under the member's number and name, and how each was linked.
select r.county, r.submission, r.row_no, r.removed, {fields},
       coalesce(l.fold, r.name_key) as name_key, l.how as linked_how
from {view} as r
left join link_row as l
    on l.record_type = '{name}' and l.band = 'linked' and not l.quarantined
    and l.submission = r.submission and l.row_no = r.row_no

-- Members with whom a row of a list is linked that is in doubt, or that could not be used.
-- $1 record type
insert into unknown (record_type, id_no, why)
select record_type, id_no, case when quarantined then 'quarantined' else 'review' end
from link_row
where record_type = $1 and (quarantined or band = 'review')

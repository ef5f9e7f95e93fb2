select '{name}'::text as record_type, submission, row_no, id_no
from affected_{type}
where {every_row} or id_no in (select id_no from affected_person)

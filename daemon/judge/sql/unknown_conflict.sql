-- Numbers that a list has under another name: neither the member nor the person of that name can be
-- called absent.
-- $1 record type
insert into unknown (record_type, id_no, fold, why)
select $1::text, p.id_no, match.fold(r.name_key, r.name), 'conflict'
from {rows}

-- Numbers that the list which a rule reads for absence has under another name than the list of the
-- rule's subjects.
-- $1 record type of the former
insert into unknown (record_type, id_no, fold, why)
select $1::text, r.id_no, match.fold(r.name_key, r.name), 'conflict'
from content_{absent} as r
join content_{type} as p on p.id_no = r.id_no
where match.fold(p.name_key, p.name) <> match.fold(r.name_key, r.name)
    and not match.one_apart(match.fold(p.name_key, p.name), match.fold(r.name_key, r.name))

-- Rows of a list of households whose head the register calls otherwise, and whose number nobody has, or a
-- member of another name.
{into}
select '{name}', {key}, {key_rest}, r.submission, r.row_no, false, m.id_no, m.name, m.fold,
       m.household_no, r.id_no, r.name, {phone}, {address}, {area}, r.household_no
from {view} as r
left join named as m on m.id_no = r.id_no
left join named as head
    on head.household_no = r.household_no and head.head
    and (head.fold = match.fold(r.name_key, r.name)
         or match.one_apart(head.fold, match.fold(r.name_key, r.name)))
where head.id_no is null
    and (m.id_no is null
         or not (m.fold = match.fold(r.name_key, r.name)
                 or match.one_apart(m.fold, match.fold(r.name_key, r.name))))

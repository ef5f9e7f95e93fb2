-- Rows of the lists of persons whose number nobody has, or a member of another name.
{into}
select k.record_type, concat_ws('/', key_1, key_2, key_3), concat_ws('/', rest_1, rest_2, rest_3),
       k.submission, k.row_no, false, m.id_no, m.name, m.fold, m.household_no, k.id_no, k.name, k.phone,
       k.address, k.area, null
from ({lists}) as k
left join named as m on m.id_no = k.id_no
where (m.id_no is null or not (m.fold = k.fold or match.one_apart(m.fold, k.fold))){affected}

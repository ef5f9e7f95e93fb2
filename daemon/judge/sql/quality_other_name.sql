-- Q03: numbers that the register has under another name. Rows are read as they came.
r.submission, r.row_no, 'name'
from {raw}_{type} as r
join came as c on c.submission = r.submission
join content_register_member as m on m.id_no = r.id_no
where match.fold(m.name_key, m.name) <> match.fold(r.name_key, r.name)
    and not match.one_apart(match.fold(m.name_key, m.name), match.fold(r.name_key, r.name))

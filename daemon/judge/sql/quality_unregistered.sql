-- Q06: numbers that the register does not have.
r.submission, r.row_no, 'id_no'
from content_{type} as r
join came as c on c.submission = r.submission
where r.id_no is not null
    and not exists (select from content_register_member as m where m.id_no = r.id_no)

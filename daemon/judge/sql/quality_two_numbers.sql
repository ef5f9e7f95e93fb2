-- Q04: rows that are, or may be, of a member with another number in the register.
r.submission, r.row_no, 'id_no'
from link_row as l
join came as c on c.submission = l.submission
join raw_{type} as r on r.submission = l.submission and r.row_no = l.row_no
where l.record_type = '{name}' and not l.quarantined and r.id_no <> l.id_no
    and not exists (select from content_register_member as m where m.id_no = r.id_no)

-- One that agrees first, then the best.
select distinct on (r.id_no) r.*
from content_{type} as r
join content_register_member as m on m.id_no = r.id_no
where {year}
order by r.id_no, match.fold(m.name_key, m.name) = match.fold(r.name_key, r.name)
    or match.one_apart(match.fold(m.name_key, m.name), match.fold(r.name_key, r.name)) desc
    {order}, r.submission, r.row_no

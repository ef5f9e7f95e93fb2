-- The persons those findings are about.
-- $1 first and $2 last number
with concerned as (
    select distinct due.number, held.person, held.person_ref
    from due
    join held on held.case_id = due.case_id
    where due.number between $1 and $2 and held.person is not null
), member as (
    select distinct on (m.id_no) m.id_no, m.name, m.relation
    from concerned_member as m
    where m.id_no in (select person from concerned)
    order by m.id_no, m.submission, m.row_no
)
select c.number, c.person, c.person_ref, member.name, member.relation
from concerned as c
left join member on member.id_no = c.person
order by c.number, c.person

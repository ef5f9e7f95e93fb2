-- concerned_member: the register's members who are heads of households in `party`, or persons in it.
-- Made once, since several queries ask for few of a million.
create temp table concerned_member on commit drop as
select m.household_no, m.id_no, m.name, m.relation, m.status, m.submission, m.row_no
from content_register_member as m
where (m.relation = '户主' and m.household_no in
           (select household_no from party where household_no is not null))
    or m.id_no in (select person from party where person is not null)

-- concerned_member: whom the register names among heads of households with findings, and among
-- the persons that findings are about. Made once, since several queries ask for few of a million.
-- $1 county
create temp table concerned_member on commit drop as
select m.household_no, m.id_no, m.name, m.relation, m.status, m.submission, m.row_no
from content_register_member as m
where (m.relation = '户主' and m.household_no in
           (select household_no from match.finding where county = $1 and household_no is not null))
    or m.id_no in (select person from match.finding where county = $1 and person is not null)

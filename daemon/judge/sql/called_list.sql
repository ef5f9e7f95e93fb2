-- Put into `called` the number and name that a list gives the persons whom a rule has found.
-- $1 rule
insert into called (subject, id_no, fold)
select r.id_no, r.id_no, match.fold(r.name_key, r.name)
from content_{type} as r
where r.id_no in (select subject from found_row where rule = $1)

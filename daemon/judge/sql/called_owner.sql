-- Put into `called` the owners of the houses that a rule has found, the households that house and
-- register give these owners, and the other members of the household that was found.
-- $1 rule
insert into called (subject, id_no, fold, household_no)
select r.house_no, r.id_no, match.fold(r.name_key, r.name), household.no
from content_housing_house as r
left join content_register_member as m on m.id_no = r.id_no
cross join lateral (values (r.household_no), (m.household_no)) as household (no)
where r.house_no in (select subject from found_row where rule = $1)
union all
select f.subject, p.id_no, p.fold, null
from found_row as f
join person_row as p on p.household_no = f.household_no and p.living
where f.rule = $1

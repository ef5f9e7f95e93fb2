-- concerned_household: the households in `party` with their villages.
create temp table concerned_household on commit drop as
select h.household_no, h.area
from content_register_household as h
where h.household_no in (select household_no from party where household_no is not null)

-- affected_person, affected_household, affected_house: the affected set, with the round of the closure
-- in which each person, household or house came.
create temp table affected_person (round integer, id_no text) on commit drop;
create temp table affected_household (round integer, household_no text) on commit drop;
create temp table affected_house (round integer, house_no text) on commit drop

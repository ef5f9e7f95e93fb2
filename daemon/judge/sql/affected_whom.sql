-- Whom the affected set holds, and the round of the closure in which they came.
create temp table affected_person (round integer, id_no text) on commit drop;
create temp table affected_household (round integer, household_no text) on commit drop;
create temp table affected_house (round integer, house_no text) on commit drop

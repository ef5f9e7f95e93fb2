-- party: households and persons that findings or cases are about.
create temp table party on commit drop as
select distinct household_no, person from caught
union
select household_no, person from told_case

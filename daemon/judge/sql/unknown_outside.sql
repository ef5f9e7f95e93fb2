-- Complete `unknown` with what the month knew of persons outside the affected set.
-- $1 county, $2 month
insert into unknown (record_type, id_no, fold, household_no, why)
select record_type, id_no, fold, household_no, why
from match.unknown
where county = $1 and month = $2 and why = 'conflict'
    and id_no not in (select id_no from affected_person)

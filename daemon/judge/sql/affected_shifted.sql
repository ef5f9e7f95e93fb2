-- shifted: rows that `unknown` has and match.unknown has not, or the other way round.
-- $1 county, $2 month
create temp table shifted on commit drop as
with old as (
    select record_type, id_no, fold, household_no, why from match.unknown
    where county = $1 and month = $2
)
(select record_type, id_no, fold, household_no, why from unknown except select * from old)
union
(select * from old except select record_type, id_no, fold, household_no, why from unknown)

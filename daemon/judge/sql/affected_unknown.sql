-- Bring match.unknown to `unknown`.
-- $1 county, $2 month
with now as (
    select distinct record_type, id_no, fold, household_no, why from unknown
), gone as (
    delete from match.unknown as u
    where u.county = $1 and u.month = $2
        and (u.record_type, coalesce(u.id_no, ''), coalesce(u.fold, ''),
             coalesce(u.household_no, ''), u.why) not in
            (select record_type, coalesce(id_no, ''), coalesce(fold, ''),
                    coalesce(household_no, ''), why from now)
)
insert into match.unknown (county, month, record_type, id_no, fold, household_no, why)
select $1, $2, record_type, id_no, fold, household_no, why from now
except
select county, month, record_type, id_no, fold, household_no, why from match.unknown
where county = $1 and month = $2

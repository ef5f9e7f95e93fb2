-- Note the submissions that hold the record of a decision, among the feed's rows or the quarantine.
-- $1 county, $2 key of the record, $3 record type, $4 number of the member
update match.decision
set submissions = (
    select coalesce(array_agg(distinct s.submission order by s.submission), '{}')
    from (
        select submission from {table} as r where r.county = $1 and concat_ws('/', {key}) = $2
        union all
        select q.submission from ops.quarantine as q
        where q.county = $1
            and concat_ws('/', 'quarantine', q.id_no, q.name, q.phone, q.household_no) = $2
    ) as s)
where county = $1 and record_key = $2 and record_type = $3 and id_no = $4

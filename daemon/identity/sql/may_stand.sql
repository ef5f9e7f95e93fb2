-- Whether a month was linked by these decisions, and no row of `looked` has the number of a member with
-- whom another row is linked.
-- $1 county, $2 month, $3 digest of the decisions
select exists (
        select from match.linkage where county = $1 and month = $2 and decisions = $3)
    and not exists (
        select from looked as k
        join match.link as l
            on l.county = $1 and l.month = $2 and l.record_type = k.record_type and l.id_no = k.id_no
            and (l.submission, l.row_no) <> (k.submission, k.row_no)
        where not l.quarantined)

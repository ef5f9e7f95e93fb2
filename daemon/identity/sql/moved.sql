-- Persons and households outside the affected set of links that moved, as two arrays: the members linked
-- before and now, and the numbers and households in the rows themselves.
-- $1 county, $2 month
with row as (
    select r.before, r.now, o.id_no, o.household_no
    from relinked as r
    left join match.unmatched_row as o on o.county = $1 and o.month = $2
        and o.record_type = r.record_type and o.submission = r.submission
        and o.row_no = r.row_no and o.quarantined = r.quarantined
    where r.moved and not r.quarantined
), person as (
    select before as id_no from row union select now from row union select id_no from row
)
select (select array_agg(id_no) from person where id_no is not null
            and id_no not in (select id_no from affected_person))::text,
       (select array_agg(distinct household_no) from row where household_no is not null
            and household_no not in (select household_no from affected_household))::text

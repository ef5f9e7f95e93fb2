-- Note in match.touched the keys of households and members whose row in the register came or went.
-- $1 county, $2 submissions of the register that came or went, $3 all of both times
with member as (
    select id_no, household_no from feed.register_member
    where county = $1 and submission = any($2::integer[])
), person as (
    select distinct id_no from member
), household as (
    select household_no from member
    union
    select m.household_no from feed.register_member as m
    where m.county = $1 and m.submission = any($3::integer[])
        and m.id_no in (select id_no from person)
    union
    select household_no from feed.register_household
    where county = $1 and submission = any($2::integer[])
)
insert into match.touched (county, key)
select $1, 'H' || household_no from household where household_no is not null
union
select $1, f.key from match.finding as f
where f.county = $1 and f.person in (select id_no from person) and f.key is not null
on conflict do nothing

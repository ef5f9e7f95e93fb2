-- Persons and households outside the affected set whose number, name or household number is in
-- `shifted`, as two arrays: subjects that the month found, or withheld, by guarded rules.
-- $1 county, $2 month, $3 rules that guards of absence keep back
with subject as (
    select subject from match.finding where county = $1 and month = $2 and rule = any($3::text[])
    union
    select subject from match.withheld where county = $1 and month = $2 and rule = any($3::text[])
), person as (
    select id_no from shifted where id_no is not null
    {called}
), household as (
    select household_no from shifted where household_no is not null
)
select (select array_agg(id_no) from person
        where id_no not in (select id_no from affected_person))::text,
       (select array_agg(household_no) from household
        where household_no not in (select household_no from affected_household))::text

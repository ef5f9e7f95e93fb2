-- Move the subjects of a rule from found_row to withheld_row whose number, name or household is in
-- `unknown`.
-- $1 rule, $2 record types of whose absence it speaks, $3 subjects are households, $4 record types
-- whose quarantined rows are in doubt
with feared as (
    select id_no, fold, household_no, why from unknown
    where record_type = any($2) or (record_type = any($4) and why = 'quarantined')
), guarded as (
    select f.subject, p.id_no, p.fold, null as household_no
    from found_row as f
    join person_row as p on p.id_no = f.subject
    where f.rule = $1 and not $3
    union all
    select f.subject, c.id_no, c.fold, c.household_no
    from found_row as f
    join called as c on c.subject = f.subject
    where f.rule = $1 and not $3
    union all
    select f.subject, f.subject, null, null from found_row as f where f.rule = $1 and not $3
    union all
    select f.subject, p.id_no, p.fold, null
    from found_row as f
    join person_row as p on p.household_no = f.subject and p.living
    where f.rule = $1 and $3
    union all
    select f.subject, null, null, f.subject from found_row as f where f.rule = $1 and $3
), doubtful as (
    select g.subject, u.why from guarded as g join feared as u on u.id_no = g.id_no
    union all
    select g.subject, u.why from guarded as g join feared as u on u.fold = g.fold
    union all
    select g.subject, u.why from guarded as g join feared as u on u.household_no = g.household_no
), kept as (
    insert into withheld_row (rule, subject, why)
    select $1, subject, min(why) from doubtful group by subject
    returning subject
)
delete from found_row where rule = $1 and subject in (select subject from kept)

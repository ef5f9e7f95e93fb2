-- The case's columns of an event; names are masked by the program.
-- $1 county, $2 first and $3 last number
with told as (
    select due.*, c.household_no, c.subject_ref, c.person, c.area, c.episode, c.severity, c.x01, c.state,
           c.opened, c.cleared, c.month
    from due
    join cases."case" as c on c.county = $1 and c.case_id = due.case_id
    where due.number between $2 and $3
), head as (
    select distinct on (m.household_no) m.household_no, m.id_no, m.name
    from concerned_member as m
    where m.relation = '户主'
        and m.household_no in (select household_no from told)
    order by m.household_no, m.status = '1' desc, m.submission, m.row_no
), alone as (
    select distinct on (m.id_no) m.id_no, m.name
    from concerned_member as m
    where m.id_no in (select person from told)
    order by m.id_no, m.submission, m.row_no
), lacking as (
    select r.month, string_agg(distinct type, ',' order by type) as types
    from match.run as r, unnest(r.missing) as type
    where r.county = $1 and r.month in (select month from told)
    group by r.month
)
select t.number, t.case_id, t.type, t.case_seq, t.event_id, t.previous_event, t.household_no,
       t.subject_ref, t.episode, t.severity, t.x01, t.state, ops.month_number(t.opened),
       ops.month_number(t.cleared), ops.month_number(t.month), coalesce(h.area, t.area),
       coalesce(head.id_no, t.person), coalesce(head.name, alone.name), lacking.types
from told as t
left join concerned_household as h on h.household_no = t.household_no
left join head on head.household_no = t.household_no
left join alone on alone.id_no = t.person
left join lacking on lacking.month = t.month
order by t.number

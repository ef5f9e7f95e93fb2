-- Bring cases.case to the cases in `derived`, with the number of the event that `due` tells of each.
-- $1 county
with withdrawn as (
    update cases."case" as c
    set state = 'WITHDRAWN', case_seq = due.case_seq, last_event = due.event_id
    from due
    where c.county = $1 and c.case_id = due.case_id and due.type = 'withdrawn'
)
insert into cases."case" as c (county, case_id, household_no, subject_ref, person, area, episode,
    severity, x01, state, opened, cleared, month, content, case_seq, last_event)
select $1, d.case_id, d.household_no, d.subject_ref, d.person, d.area, d.episode, d.severity, d.x01,
       'DETECTED', d.opened, d.cleared, d.month, d.content,
       coalesce(due.case_seq, old.case_seq), coalesce(due.event_id, old.last_event)
from derived as d
left join due on due.case_id = d.case_id
left join told_case as old on old.case_id = d.case_id
on conflict (county, case_id) do update
set household_no = excluded.household_no, subject_ref = excluded.subject_ref,
    person = excluded.person, area = excluded.area, severity = excluded.severity, x01 = excluded.x01,
    state = excluded.state, opened = excluded.opened, cleared = excluded.cleared,
    month = excluded.month, content = excluded.content, case_seq = excluded.case_seq,
    last_event = excluded.last_event
where (c.state, c.month, c.content, c.case_seq)
    is distinct from (excluded.state, excluded.month, excluded.content, excluded.case_seq)

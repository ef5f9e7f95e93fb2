
join unnest({rules}, {subjects}) as a (rule, subject_type)
    on a.rule = w.rule
    and (a.subject_type, w.subject) in (select subject_type, subject from affected_subject)

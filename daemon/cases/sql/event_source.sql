-- The rows behind those findings, in the same order.
-- $1 county, $2 first and $3 last number, $4 most sources of one finding
select due.number, held.rule, held.subject, held.subject_ref, source ->> 'record_type',
       s.producer, (source ->> 'submission')::integer, (source ->> 'row_no')::integer,
       ops.month_number(s.period), s.revision
from due
join held on held.case_id = due.case_id
join caught as f on f.month = held.month and f.rule = held.rule and f.subject = held.subject
cross join jsonb_array_elements(f.sources) with ordinality as each (source, place)
join ops.submission as s on s.county = $1
    and s.submission = (source ->> 'submission')::integer
where due.number between $2 and $3 and place <= $4
order by due.number, held.rule, held.subject, place

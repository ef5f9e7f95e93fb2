-- Keep the rows that a rule's query gives, which stands behind this.
insert into found_row (rule, subject, household_no, person, area, severity, "values", sources, link_pass,
    urgent)
select '{rule}', q.subject, q.household_no, q.person, {area}, q.severity, q."values",
       array_remove(q.sources, null), coalesce(q.link_pass, ''), q.urgent
from (

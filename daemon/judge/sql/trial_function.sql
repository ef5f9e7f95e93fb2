-- A rule's query, which stands behind this, as a function: parsed, and never called.
create function pg_temp.{function}({types}) returns setof record language sql begin atomic
select q.subject, q.household_no, q.person, {area}, q.severity, q."values", q.sources, q.link_pass,
       q.urgent
from (

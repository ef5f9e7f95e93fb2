-- The rows that may stand in place of rows in affected_<type>, since they have the same keys. "is true":
-- hashed once, whatever the planner thinks of tables so new, instead of joined.
select t.*
from {table} as t
where t.county = {county} and t.submission = any('{submissions}'::integer[])
    and (({t_key}) in (select {key} from {name})) is true

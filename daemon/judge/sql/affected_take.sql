-- The rows of a joining list that name a person or household of one round.
select t.*
from {sought}
join {table} as t on t.{column} = sought.{column}
where t.county = {county} and t.submission = any('{submissions}'::integer[])

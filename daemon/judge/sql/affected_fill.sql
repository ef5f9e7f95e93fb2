-- Fill affected_<type> with the rows of a record type that name a person, household or house of the
-- affected set.
insert into {name}
select t.*
from {sought}
join {table} as t on t.{column} = sought.{column}
where t.county = {county} and t.submission = any({submissions})

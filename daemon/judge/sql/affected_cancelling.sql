-- The reversals of rows in affected_<type>, whichever person the reversal names.
insert into {name}
select t.*
from {table} as t
where t.county = {county} and t.submission = any('{submissions}'::integer[]) and t.{cancels} is not null
    and t.{cancels} in (select {key} from {name})
    and t.id_no not in (select id_no from affected_person)

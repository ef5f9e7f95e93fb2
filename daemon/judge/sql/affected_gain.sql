-- Add to affected_person, affected_household or affected_house whom a column names, in order.
insert into {whom}
select distinct {round}, {column}
from (select {column} from {from} as said offset 0) as t
where {column} is not null and {column} not in (select {column} from {whom})
order by {column}

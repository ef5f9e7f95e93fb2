-- Add to affected_person, affected_household or affected_house the numbers in a column that it lacks, in
-- order.
insert into {subjects}
select distinct {round}, {column}
from (select {column} from {from} as said offset 0) as t
where {column} is not null and {column} not in (select {column} from {subjects})
order by {column}

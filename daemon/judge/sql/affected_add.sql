-- Add persons or households to those of a round.
-- $1 round, $2 numbers
insert into {subjects}
select distinct $1::integer, {column}
from unnest($2::text[]) as {column}
where {column} not in (select {column} from {subjects})

-- All other rows, read now or before, under the keys of the rows that came or went. In order: then an
-- index and the rows that its entries point to are gone through forwards.
insert into {name}
select t.*
from (select distinct {key} from {name} order by {key}) as sought
join {table} as t on ({t_key}) = ({sought_key})
where t.county = {county} and t.submission = any('{every}'::integer[])
    and t.submission <> all('{changed}'::integer[])

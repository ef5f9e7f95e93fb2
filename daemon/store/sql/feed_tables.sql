-- What stands in schema feed: a row a column of each table, and of the table, whether the judge may
-- read it and row security is on.
select c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       has_table_privilege('qs_match', c.oid, 'select'), c.relrowsecurity
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'feed'::regnamespace and c.relkind = 'r'
order by c.relname, a.attnum

-- The views that rules read, each as a query of a million rows of the same columns; of the standard
-- and of the submissions there are few. Made while the real ones stand, for use when they do not.
select format('create temp view %I as select %s from %s',
           c.relname,
           string_agg(case a.atttypid::regtype::text
               when 'text' then 'n::text'
               when 'integer' then 'n::integer'
               when 'bigint' then 'n'
               when 'numeric' then 'n::numeric'
               when 'boolean' then '(n % 2 = 0)'
               when 'date' then 'date ''2000-01-01'' + n::integer'
               when 'text[]' then 'array[n::text]'
               else 'null::' || a.atttypid::regtype end || ' as ' || quote_ident(a.attname), ', '
               order by a.attnum),
           case when c.relname in ('standard', 'contributing')
               then '(values (1::bigint)) as few (n)' else 'generate_series(1::bigint, 1000000) as n'
           end)
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = pg_my_temp_schema() and c.relkind in ('v', 'r')
    and has_table_privilege('qs_rule', c.oid, 'select')
group by c.relname, c.oid

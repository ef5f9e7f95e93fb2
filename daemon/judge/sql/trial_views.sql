-- The views that rules read, each as a query of ten thousand rows of the same columns, which is enough
-- where loops are switched off and only those that cannot be helped remain; of the standard
-- and of the submissions there are few. Each column is another expression, or the planner would take
-- two for the same. Made while the real ones stand, for use when they do not.
select format('create temp view %I as select %s from %s',
           c.relname,
           string_agg(format(case a.atttypid::regtype::text
               when 'text' then '(n + %1$s)::text'
               when 'integer' then '(n + %1$s)::integer'
               when 'bigint' then 'n + %1$s'
               when 'numeric' then '(n + %1$s)::numeric'
               when 'boolean' then '((n + %1$s) %% 2 = 0)'
               when 'date' then 'date ''2000-01-01'' + (n + %1$s)::integer'
               when 'text[]' then 'array[(n + %1$s)::text]'
               else 'null::' || a.atttypid::regtype end || ' as %2$I', a.attnum, a.attname), ', '
               order by a.attnum),
           case when c.relname in ('standard', 'contributing')
               then '(values (1::bigint)) as few (n)' else 'generate_series(1::bigint, 10000) as n'
           end)
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = pg_my_temp_schema() and c.relkind in ('v', 'r')
    and has_table_privilege('qs_rule', c.oid, 'select')
group by c.relname, c.oid

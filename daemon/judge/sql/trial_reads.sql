-- What a parsed query reads or calls that a rule may not, as one text; null: nothing.
-- $1 the name of the function that holds it
with body as (
    select prosqlbody::text as tree from pg_proc
    where proname = $1 and pronamespace = pg_my_temp_schema()
), relation as (
    select distinct match[1]::oid as oid from body, regexp_matches(tree, ':relid (\d+)', 'g') as match
), call as (
    select distinct match[1]::oid as oid
    from body, regexp_matches(tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') as match
)
select string_agg(reason, '; ' order by reason)
from (
    select 'reads ' || relation.oid::regclass::text || ', which is no view for rules' as reason
    from relation
    join pg_class as c on c.oid = relation.oid
    where c.relnamespace <> pg_my_temp_schema()
        or not has_table_privilege('qs_rule', c.oid, 'select')
    union all
    select 'calls ' || p.proname || ', whose answer depends on more than its arguments'
    from call
    join pg_proc as p on p.oid = call.oid
    where p.provolatile = 'v' or p.pronamespace <> 'pg_catalog'::regnamespace
        or p.proname in ('now', 'statement_timestamp', 'transaction_timestamp', 'current_setting',
            'pg_read_file', 'pg_stat_get_activity', 'has_table_privilege')
    union all
    select 'asks for the time or the user'
    from body where tree like '%{SQLVALUEFUNCTION %'
) as found

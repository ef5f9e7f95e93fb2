-- A month as a number, YYYYMM, from its first day: said once, for programs that count months so.
set role qs_ingest;

create function ops.month_number(first date) returns integer
    language sql immutable parallel safe as
    'select extract(year from first)::integer * 100 + extract(month from first)::integer';

revoke execute on function ops.month_number(date) from public;
grant execute on function ops.month_number(date) to qs_match, qs_ops, qs_console;
reset role;

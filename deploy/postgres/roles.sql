-- Roles of the database; run once as superuser, may be run again.
--   qs_ingest  takes feeds; owns the feed tables
--   qs_match   judges; reads feeds, owns findings and cases
--   qs_rule    what a rule's query runs as: only the month's views (no login)
--   qs_ops     the command of ops staff: no person's data, and only the counties that the access
--              list gives the login
--   qs_console the console, likewise
--   qs_view    owns the views that those two read, so that row security binds them (no login)
--   qs_reveal  may see full identities, with a reason, audited, and decide whose a record is
--              (no login; never granted to ops)
--   qs_clerk   a login that may take the role qs_reveal
do $$
declare
    name text;
begin
    foreach name in array array['qs_ingest', 'qs_match', 'qs_ops', 'qs_console', 'qs_clerk'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I login', name);
        end if;
    end loop;
    foreach name in array array['qs_rule', 'qs_reveal', 'qs_lookup', 'qs_view'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I nologin', name);
        end if;
    end loop;
end $$;

grant qs_rule to qs_match;
-- A clerk sees what ops sees, and takes the role reveal only on purpose (SET ROLE): what
-- stands between the two inherits nothing.
grant qs_ops to qs_clerk, qs_reveal;
alter role qs_lookup noinherit;
grant qs_reveal to qs_lookup;
grant qs_lookup to qs_clerk;

-- PostgreSQL's log quotes rows in details, contexts and some messages: these roles log none of it.
alter role qs_ingest set log_min_messages = fatal;
alter role qs_ingest set log_min_error_statement = panic;
alter role qs_match set log_min_messages = fatal;
alter role qs_match set log_min_error_statement = panic;
alter role qs_ops set log_min_messages = fatal;
alter role qs_ops set log_min_error_statement = panic;
alter role qs_clerk set log_min_messages = fatal;
alter role qs_clerk set log_min_error_statement = panic;
alter role qs_console set log_min_messages = fatal;
alter role qs_console set log_min_error_statement = panic;

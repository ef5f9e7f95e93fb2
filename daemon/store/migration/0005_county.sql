-- Row-level security by county: a login of ops or of the console sees the counties that the access
-- list gives it, and nothing where it gives none. The programs that take feeds and judge serve every
-- county: they own their tables, or their policy is "true", which the planner drops.
set role qs_ingest;

-- The access list's logins as the hub last read it.
create table ops.login_county (
    login text not null,
    county integer not null,
    primary key (login, county)
);

-- The counties of whoever is logged in; SET ROLE does not change them.
create function ops.counties() returns integer[]
    language sql stable security definer set search_path = pg_catalog as $$
    select coalesce(array_agg(county), '{}') from ops.login_county where login = session_user
$$;

-- Whether all that a channel carries is the login's: accepting it discards a submission.
create function ops.is_own_channel(channel text) returns boolean
    language sql stable security definer set search_path = pg_catalog as $$
    select coalesce(bool_and(f.county = any ((select ops.counties())::integer[])), false)
    from ops.feed f where f.channel = is_own_channel.channel
$$;

reset role;

do $$
declare
    name text;
begin
    foreach name in array array['ops.submission', 'ops.batch', 'ops.quarantine', 'ops.feed',
        'ops.counter', 'match.county', 'match.month', 'match.run', 'match.withheld',
        'match.finding', 'cases."case"', 'cases.finding', 'cases.outbox', 'cases.subscriber'] loop
        execute format('alter table %s enable row level security', name);
        execute format('create policy own_counties on %s to qs_ops, qs_console, qs_view'
            ' using (county = any ((select ops.counties())::integer[]))', name);
        execute format('create policy every_county on %s to qs_ingest, qs_match'
            ' using (true) with check (true)', name);
    end loop;
end $$;

-- A channel may carry several counties: whoever has one of them sees it.
alter table ops.channel enable row level security;
create policy own_counties on ops.channel for select to qs_ops, qs_console
    using (exists (select from ops.feed f where f.channel = channel.name));
create policy own_channel on ops.channel for update to qs_ops using (ops.is_own_channel(name));
create policy every_county on ops.channel to qs_match using (true);

-- A view reads as its owner: one that owns no table is bound by the policies, too.
grant usage on schema match, cases to qs_view;
grant select on match.finding, cases."case", cases.finding to qs_view;
grant create on schema match, cases to qs_view;
alter view match.finding_full owner to qs_view;
alter view match.finding_masked owner to qs_view;
alter view cases.finding_full owner to qs_view;
alter view cases.finding_masked owner to qs_view;
alter view cases.case_masked owner to qs_view;
revoke create on schema match, cases from qs_view;

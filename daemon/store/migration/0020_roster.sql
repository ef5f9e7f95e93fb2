-- The access list as rows with a history (daemon/roster): who may send and take what, with which
-- key, since which day. A row is never deleted: what the list no longer names gets `until`, and
-- what comes again is a row of its own. Rows without `until` stand; they are what the hub goes by.
-- Not even their owner may delete them.
set role qs_ingest;

create table ops.office (
    id bigint generated always as identity primary key,
    kind text not null,                       -- sector: sends feeds; else the audience that takes events
    code text not null,                       -- of a sector its producer, else the subscriber's name
    title text,                               -- what people call it
    county integer,                           -- null: all
    since date not null default (now() at time zone 'Asia/Shanghai')::date,
    until date check (until >= since)
);
create unique index office_stands on ops.office (coalesce(county, 0), kind, code) where until is null;

-- What one key may do in one county: send a record type for a producer, or take an audience's events.
create table ops."grant" (
    id bigint generated always as identity primary key,
    channel text not null,                    -- an adapter's, or the subscriber's name
    producer text, record_type text,          -- of a feed
    audience text,                            -- of events
    county integer not null,
    expected boolean not null default true,   -- of a feed: its absence is a gap
    first_period date, last_period date,      -- first days of the months in which it is expected;
                                              -- null: no bound
    since date not null default (now() at time zone 'Asia/Shanghai')::date,
    until date check (until >= since),
    check ((producer is null) = (record_type is null) and (producer is null) <> (audience is null)),
    check (first_period <= last_period)
);
create unique index grant_feed_stands on ops."grant" (county, record_type, producer, channel)
    where until is null and producer is not null;
create unique index grant_audience_stands on ops."grant" (county, audience, channel)
    where until is null and audience is not null;
create index grant_channel on ops."grant" (channel);

-- Public keys only; a secret one never leaves its owner's machine.
create table ops.key (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('adapter', 'subscriber')),
    channel text not null,                    -- as in ops."grant"
    public_key text not null,                 -- Z85
    since date not null default (now() at time zone 'Asia/Shanghai')::date,
    until date check (until >= since)
);
create unique index key_stands on ops.key (public_key) where until is null;

-- Logins of the database and the counties whose rows they see.
create table ops.login (
    id bigint generated always as identity primary key,
    login text not null,
    county integer not null,
    since date not null default (now() at time zone 'Asia/Shanghai')::date,
    until date check (until >= since)
);
create unique index login_stands on ops.login (login, county) where until is null;

revoke delete, truncate on ops.office, ops."grant", ops.key, ops.login from qs_ingest;

-- Of an older database the list is known, but not since when: that is the day of this migration.
-- The keys come with the hub's next start.
insert into ops."grant" (channel, producer, record_type, county, expected)
select channel, producer, record_type, county, expected from ops.feed;
insert into ops.office (kind, code, title, county)
select 'sector', producer, min(title), county from ops.feed group by producer, county;
insert into ops.login (login, county) select login, county from ops.login_county;
reset role;

drop policy own_counties on ops.channel;
drop table ops.feed, ops.login_county;

set role qs_ingest;

-- The feeds that the list names now; row security is that of whoever reads.
create view ops.feed with (security_invoker = true) as
select g.channel, g.producer,
       (select o.title from ops.office o
        where o.until is null and o.kind = 'sector' and o.code = g.producer and o.county = g.county)
           as title,
       g.record_type, g.county, g.expected, g.first_period, g.last_period
from ops."grant" g where g.until is null and g.producer is not null;

-- The counties that the list gives a login now.
create view ops.login_county with (security_invoker = true) as
select login, county from ops.login where until is null;

create or replace function ops.counties() returns integer[]
    language sql stable security definer set search_path = pg_catalog as $$
    select coalesce(array_agg(county), '{}') from ops.login
    where login = session_user and until is null
$$;

create or replace function ops.is_own_channel(channel text) returns boolean
    language sql stable security definer set search_path = pg_catalog as $$
    select coalesce(bool_and(g.county = any ((select ops.counties())::integer[])), false)
    from ops."grant" g
    where g.channel = is_own_channel.channel and g.until is null and g.producer is not null
$$;

alter table ops.office enable row level security;
alter table ops."grant" enable row level security;
alter table ops.key enable row level security;
create policy own_counties on ops.office to qs_ops, qs_console
    using (county is null or county = any ((select ops.counties())::integer[]));
create policy own_counties on ops."grant" to qs_ops, qs_console
    using (county = any ((select ops.counties())::integer[]));
-- A channel may carry several counties: whoever has one of them sees its keys. An adapter and a
-- subscriber may have one name.
create policy own_counties on ops.key for select to qs_ops, qs_console
    using (exists (select from ops."grant" g where g.channel = key.channel
                   and (g.producer is not null) = (key.kind = 'adapter')));
create policy every_county on ops.office to qs_match using (true);
create policy every_county on ops."grant" to qs_match using (true);
create policy every_county on ops.key to qs_match using (true);
grant select on ops.office, ops."grant", ops.key, ops.feed to qs_match, qs_ops, qs_console;
create policy own_counties on ops.channel for select to qs_ops, qs_console
    using (exists (select from ops.feed f where f.channel = channel.name));
reset role;

-- What the months said: findings, cases and the events about them.
create schema match authorization qs_match;
create schema cases authorization qs_match;

set role qs_match;

-- Whether two folded names have the same surname and exactly one character that differs.
create function match.one_apart(a text, b text) returns boolean
    language sql immutable strict parallel safe as $$
    select length(a) = length(b) and left(a, 1) = left(b, 1) and (
        select count(*) from unnest(string_to_array(a, null), string_to_array(b, null)) as at (x, y)
        where x <> y) = 1
$$;

-- Whether a set of submissions holds each natural key once: asked once, kept, since visible
-- submissions never change.
create table match.distinct_keys (
    county integer not null,
    record_type text not null,
    submissions integer[] not null,
    is_distinct boolean not null,
    primary key (county, record_type, submissions)
);

-- A county that was ever judged; due: findings have changed since its events were written.
create table match.county (
    county integer primary key,
    due boolean not null,
    seen bigint not null default 0            -- visible submissions that the last judging knew
);

-- A judged month, with what it was judged on: equal input needs no second judging.
create table match.month (
    county integer not null,
    month date not null,
    rows bytea not null,                      -- SHA-256 over the submissions read
    input bytea not null,                     -- and over grants, rules and profile too
    profile text not null,
    settled boolean not null default false,   -- all expected feeds in, or the due day past
    published boolean not null default false, -- settled, and every earlier month too: its events are out
    judged_at timestamptz not null default now(),
    primary key (county, month)
);

-- What each rule did for a county and month: the month report.
create table match.run (
    county integer not null,
    month date not null,
    rule text not null,
    rule_version integer not null,
    state text not null check (state in ('run', 'not_run', 'failed')),
    missing text[] not null default '{}',     -- needs that were not complete, or guarded absence types
    unhelped text[] not null default '{}',    -- helps that were not there
    reason text,                              -- of not_run and failed: file:line and why, no row content
    findings integer not null default 0,
    withheld integer not null default 0,
    primary key (county, month, rule)
);

create table match.finding (
    county integer not null,
    month date not null,
    rule text not null,
    subject text not null,                    -- number, household_no, house_no, works_no, complaint_no
    rule_version integer not null,
    subject_type text not null check (subject_type in ('person', 'household', 'house', 'works', 'complaint')),
    subject_ref text not null,                -- HMAC of the subject, keyed per county
    severity text not null check (severity in ('red', 'yellow', 'green')),
    household_no text,
    person text,                              -- number of the person it is about, when there is one
    person_ref text,                          -- and its HMAC
    "values" jsonb not null,                  -- values and thresholds; no name, number, phone or address
    sources jsonb not null,                   -- [{"record_type","submission","row_no"}]
    link_pass text not null default '',       -- pass of identity that decided; empty: the number itself
    urgent boolean not null default false,
    route text not null,
    primary key (county, month, rule, subject)
);
create index finding_household on match.finding (county, household_no);

-- Subjects that an absence rule could not judge.
create table match.withheld (
    county integer not null,
    month date not null,
    rule text not null,
    subject text not null,
    subject_ref text not null,
    why text not null check (why in ('quarantined', 'conflict')),
    primary key (county, month, rule, subject)
);

-- One row an episode.
create table cases."case" (
    county integer not null,
    case_id text not null,                    -- <county>-H<household_no>-<episode>, -P<subject_ref>-, -A<area>-
    household_no text,
    subject_ref text not null,                -- of the household, person or area
    person text,                              -- number, when the case is a person's without household
    episode integer not null,
    severity text not null check (severity in ('red', 'yellow')),
    x01 boolean not null,
    state text not null check (state in ('DETECTED', 'WITHDRAWN')),
    opened date not null,
    cleared date,
    month date not null,                      -- newest month this state rests on
    content bytea not null,                   -- SHA-256 of what the last event told; differs: a new event is due
    case_seq integer not null default 0,      -- of the last event
    last_event text,                          -- its id
    primary key (county, case_id)
);

-- Which findings a case holds: the open ones; of a cleared case those of its last month.
create table cases.finding (
    county integer not null,
    case_id text not null,
    rule text not null,
    subject text not null,
    month date not null,                      -- newest month in which it was found
    since date not null,                      -- first month of its spell
    rechecked boolean not null,               -- false: its rule did not run in the newest month
    primary key (county, case_id, rule, subject)
);

-- The last number given on each route: taken in the transaction that writes the events.
create table cases.counter (
    county integer not null,
    route text not null,
    value bigint not null,
    primary key (county, route)
);

-- Events in the order of their numbers, which is commit order without gaps.
create table cases.outbox (
    county integer not null,
    route text not null,
    number bigint not null,
    event_id text not null,
    case_id text not null,
    case_seq integer not null,
    type text not null,
    body bytea not null,                      -- the CloudEvent
    written_at timestamptz not null default now(),
    primary key (county, route, number)
);
create unique index outbox_case on cases.outbox (county, route, case_id, case_seq);

-- How far each subscriber has acknowledged.
create table cases.subscriber (
    county integer not null,
    route text not null,
    name text not null,
    acked bigint not null default 0,          -- newest number it has made durable
    changed_at timestamptz not null default now(),
    primary key (county, route, name)
);

-- The event log's identity: a database restored from an old copy keeps it, a new one gets another.
create table cases.log (
    one boolean primary key default true check (one),
    epoch bytea not null
);

reset role;

-- The owner alone may analyse a table; after a first large feed judging cannot wait for autovacuum.
set role qs_ingest;
create function feed.refresh_statistics(feed regclass) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    if (select relnamespace from pg_class where oid = feed) <> 'feed'::regnamespace then
        raise exception 'not a feed table';
    end if;
    execute format('analyze %s', feed);
end
$$;
revoke execute on function feed.refresh_statistics(regclass) from public;
grant execute on function feed.refresh_statistics(regclass) to qs_match;
reset role;

grant usage on schema match, cases to qs_ops, qs_console, qs_ingest, qs_reveal;
grant select on match.month, match.run, match.withheld, match.finding, cases."case", cases.finding,
    cases.outbox, cases.subscriber, cases.log to qs_ops, qs_console;
grant select on cases.outbox, cases.log to qs_ingest;
grant select, insert, update on cases.subscriber to qs_ingest;
grant insert, select on cases.log to qs_ingest;
grant select on all tables in schema feed to qs_match;

-- A rule's query runs under SET LOCAL ROLE qs_rule; this function would let it take another role
-- in the middle of the query.
revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
grant execute on function pg_catalog.set_config(text, text, boolean)
    to qs_ingest, qs_match, qs_ops, qs_console, qs_clerk, qs_reveal;

-- Positions, submissions and what surrounds them. Roles come from
-- deploy/postgres/roles.sql; every table is the ingest role's, since COPY
-- refuses row-level security for any role but the owner.
create schema ops authorization qs_ingest;
create schema feed authorization qs_ingest;

set role qs_ingest;

create table ops.schema_version (
    version integer primary key,
    applied_at timestamptz not null default now()
);

-- One key's connection. A reference table: a channel may carry several counties.
create table ops.channel (
    name text primary key,
    epoch bytea,                              -- null until the first HELLO
    next_seq bigint not null default 1,
    generation bigint not null default 0,
    previous bytea not null default '\x0000000000000000000000000000000000000000000000000000000000000000',
    county integer, submission integer,       -- half in; null between submissions
    state text not null default 'ok' check (state in ('ok', 'stopped')),
    reason text,                              -- why it stopped, for ops
    changed_at timestamptz not null default now()
);

-- Counters that must not gap: taken by UPDATE in the transaction that uses the number.
-- 'submission', and 'event/<route>'.
create table ops.counter (
    county integer not null,
    name text not null,
    value bigint not null,
    primary key (county, name)
);

create table ops.submission (
    county integer not null check (county between 110000 and 829999),
    submission integer not null,
    uuid bytea not null,
    channel text not null,
    epoch bytea not null,
    first_seq bigint not null,
    last_seq bigint not null,
    producer text not null,
    record_type text not null,
    period date not null,                     -- first day of the month
    kind text not null check (kind in ('full', 'delta', 'correction')),
    wanted_revision integer not null,         -- as sent; 0: the next
    revision integer,                         -- set when it becomes visible
    nil boolean not null,
    digest bytea not null,
    state text not null check (state in ('open', 'visible', 'duplicate', 'refused', 'discarded')),
    code integer, reason text, reason_zh text, -- of a refusal
    expected_rows bigint not null,
    expected_unresolved bigint not null,
    expected_batches integer not null,
    rows bigint not null default 0,           -- received so far
    unresolved bigint not null default 0,
    batches integer not null default 0,
    stored bigint not null default 0,         -- in the feed table
    quarantined bigint not null default 0,    -- unresolved and refused by the hub
    totals bigint[] not null default '{}',    -- fen, per money field
    hash_state bytea,                         -- running SHA-256 of the payloads
    partial boolean not null default false,
    warnings text[] not null default '{}',    -- identical, partial, waiting
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    primary key (county, submission)
);
-- A revision of a feed and period is given once.
create unique index submission_revision on ops.submission
    (county, producer, record_type, period, revision) where state = 'visible';
create index submission_channel on ops.submission (channel, epoch, last_seq);

create table ops.batch (
    county integer not null,
    submission integer not null,
    seq bigint not null,
    digest bytea not null,
    rows integer not null,
    unresolved integer not null,
    quarantined integer not null,             -- refused by the hub among the rows
    raw bytea,                                -- kept only when PostgreSQL refused rows of it
    committed_at timestamptz not null default now(),
    primary key (county, submission, seq)
);

-- Rows that cannot be used, with what could be read of who they are about.
create table ops.quarantine (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    field text not null,
    reason text not null,
    hub boolean not null,                     -- refused by the hub, not the adapter
    id_no text, name text, name_key text, phone text, household_no text,
    primary key (county, submission, row_no)
);

-- The access list as the daemon last read it: which feeds are expected.
create table ops.feed (
    channel text not null,
    producer text not null,
    title text,
    record_type text not null,
    county integer not null,
    expected boolean not null,
    primary key (county, record_type, producer, channel)
);

-- Who looked at full identities. Written and committed before anything prints.
create table ops.audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    login text not null default session_user,
    reason text not null check (length(reason) >= 6),
    command text not null,
    count integer not null,
    subjects bytea[] not null                 -- HMAC of each person
);

reset role;

grant usage on schema ops, feed to qs_match, qs_ops, qs_console;
grant select on ops.schema_version, ops.channel, ops.counter, ops.submission, ops.batch, ops.feed
    to qs_match, qs_ops, qs_console;
grant select on ops.quarantine to qs_match;
-- Ops sees where and why, never who.
grant select (county, submission, row_no, field, reason, hub) on ops.quarantine to qs_ops, qs_console;
grant update (state, reason, next_seq, epoch, county, submission, changed_at) on ops.channel to qs_ops;
grant update (state, reason, reason_zh, closed_at) on ops.submission to qs_ops;
grant insert on ops.audit to qs_reveal;
grant usage on schema ops to qs_reveal;

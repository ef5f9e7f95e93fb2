-- What a judged month rested on, so that judging it again can begin with what has changed.
set role qs_match;

-- The submissions that a judged month read, by record type; "register.household/before" is the
-- earlier register of X02. A type that was not complete has no row.
create table match.reading (
    county integer not null,
    month date not null,
    record_type text not null,
    submissions integer[] not null,           -- ascending
    primary key (county, month, record_type)
);

alter table match.month
    add column means bytea,                   -- SHA-256 over rules, profile and the program's SQL
    add column scope text not null default 'whole',     -- how it was judged last: whole, touched
    add column why text,                      -- why whole
    add column persons bigint not null default 0,       -- touched
    add column households bigint not null default 0;

-- Of whom a list may hold something that cannot be read, as the month's guards of absence saw it.
create table match.unknown (
    county integer not null,
    month date not null,
    record_type text not null,
    id_no text, fold text, household_no text,
    why text not null
);
create index unknown_month on match.unknown (county, month);

-- Whose case a finding is part of: a household's, a person's without one, water works', a village's.
alter table match.finding add column key text generated always as (
    case when subject_type = 'works' then 'W' || subject
         when subject_type = 'complaint' then 'A' || area
         else coalesce('H' || household_no, 'P' || left(person_ref, 16)) end) stored;
create index finding_key on match.finding (county, key);
create index finding_person on match.finding (county, person) where person is not null;
alter table cases."case" add column key text generated always as (
    substr(case_id, 8, length(case_id) - 8 - length(episode::text))) stored;
create index case_key on cases."case" (county, key);

-- Keys of which a finding has changed since the cases were derived.
create table match.touched (
    county integer not null,
    key text not null,
    primary key (county, key)
);

alter table match.county
    add column anew boolean not null default true,   -- every case must be derived again
    add column spread boolean not null default true, -- and the open ones, too
    add column register integer[] not null default '{}'; -- submissions that named people last

-- Reversals are few, and whose settlement one cancels is asked for each touched one.
reset role;
set role qs_ingest;
create index insurance_settlement_reversal on feed.insurance_settlement (county, reversal_of)
    where reversal_of is not null;
reset role;

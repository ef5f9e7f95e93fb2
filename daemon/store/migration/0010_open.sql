-- What a month's linkage rested on, so that a change links again only when it touches an open row,
-- the register or a clerk's decision.
set role qs_match;

-- Rows that number and name leave open: their own details, and who has the number by another name.
create table match.open_row (
    county integer not null,
    month date not null,
    record_type text not null,
    submission integer not null,
    row_no integer not null,
    quarantined boolean not null,
    record_key text not null,                 -- natural key; of a quarantined row, what could be read
    key_rest text not null,                   -- its part behind the number
    known_id text, known_name text, known_fold text, known_household text,
    id_no text, name text, phone text, address text, area text, household_no text,
    primary key (county, month, record_type, submission, row_no, quarantined)
);
alter table match.open_row enable row level security; -- nobody's but the judge's
create policy every_county on match.open_row to qs_match using (true) with check (true);

drop table match.linkage;
create table match.linkage (
    county integer not null,
    month date not null,
    decisions bytea not null,                 -- SHA-256 over the clerks' decisions that touch it
    milliseconds bigint not null,             -- that linking took, the last time it was done
    open_rows bigint not null,
    primary key (county, month)
);

create index link_member on match.link (county, month, id_no);
reset role;

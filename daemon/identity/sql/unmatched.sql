-- unmatched: rows of the month that number and name leave open, and what they say of whose they are.
create temp table unmatched (
    record_type text not null,
    record_key text not null,    -- the natural key; of a quarantined row, what could be read of it
    key_rest text not null,      -- its part behind the number
    submission integer not null,
    row_no integer not null,
    quarantined boolean not null,
    known_id text, known_name text, known_fold text, known_household text, -- who has its number, by another name
    id_no text, name text, phone text, address text, area text, household_no text
) on commit drop;

-- scored: the member whom each of them may be.
create temp table scored (
    record_type text not null,
    record_key text not null,
    key_rest text not null,
    submission integer not null,
    row_no integer not null,
    quarantined boolean not null,
    id_no text not null,
    fold text not null,
    household_no text not null,
    pass smallint not null,
    how text not null,
    band text not null,
    weight integer,
    terms jsonb not null
) on commit drop;

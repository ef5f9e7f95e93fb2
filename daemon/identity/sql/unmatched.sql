-- unmatched: rows of the month that number and name leave unmatched, with the columns by which they can
-- be linked.
create temp table unmatched (
    record_type text not null,
    record_key text not null,    -- the natural key; of a quarantined row, what could be read of it
    key_rest text not null,      -- its part behind the number
    submission integer not null,
    row_no integer not null,
    quarantined boolean not null,
    -- the member of another name who has the row's number
    known_id text, known_name text, known_fold text, known_household text,
    id_no text, name text, phone text, address text, area text, household_no text
) on commit drop;

-- scored: the member with whom each unmatched row may be linked.
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

-- link_row: the rows that are linked or in doubt, as content_<type> and the guards of absence read them.
create temp table link_row (
    record_type text not null,
    submission integer not null,
    row_no integer not null,
    quarantined boolean not null,
    id_no text, fold text, household_no text, -- the member's
    pass smallint, how text, band text, weight integer
) on commit drop

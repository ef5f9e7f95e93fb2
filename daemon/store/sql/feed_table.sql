-- A record type's table.
create table {table} (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    {fields},
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);

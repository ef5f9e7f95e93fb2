-- found_row: the rows that the rules' queries give; the tables of the guards of absence stand below.
create temp table found_row (
    rule text not null,
    subject text not null,
    household_no text,
    person text,
    area text,
    severity text not null check (severity in ('red', 'yellow', 'green')),
    "values" jsonb not null,
    sources text[] not null,
    link_pass text not null,
    urgent boolean not null
) on commit drop;
grant insert on found_row to qs_rule;

-- For rules about other rules' findings; granted when those have run.
create temp view finding as
select rule, subject, household_no, person, severity, sources from found_row;

-- Numbers, names and households of which a list may hold something that cannot be read.
create temp table unknown (
    record_type text not null,
    id_no text,
    fold text,
    household_no text,
    why text not null
) on commit drop;

-- Of a rule's subjects that are no member of the register: persons and households they are about.
create temp table called (
    subject text not null,
    id_no text not null,
    fold text not null,
    household_no text
) on commit drop;

create temp table withheld_row (
    rule text not null,
    subject text not null,
    why text not null
) on commit drop;

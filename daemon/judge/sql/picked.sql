-- picked_<type>: the row of a number among several, of a list of which a person has one row.
create temp view picked_{type} as {rows}

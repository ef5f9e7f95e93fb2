-- affected_<type>: the rows of a record type that the affected set needs.
create temp table affected_{type} (like {table}) on commit drop

-- changed_row: rows of one record type that came or went, and all other rows under their keys.
create temp table changed_row (like {table}) on commit drop

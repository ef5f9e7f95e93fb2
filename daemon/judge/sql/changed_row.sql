-- changed_row: rows of one record type that came or went, and what else stands under their keys.
create temp table changed_row (like {table}) on commit drop

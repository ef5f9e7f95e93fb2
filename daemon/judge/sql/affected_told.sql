-- Whom the rows of a record type that came or went name.
select {column} from {table} where county = {county} and submission = any('{changed}'::integer[])

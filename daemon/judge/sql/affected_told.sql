-- The persons, households or houses that a record type's rows which came or went name.
select {column} from {table} where county = {county} and submission = any('{changed}'::integer[])

-- Put a batch on record.
-- $1 county, $2 submission, $3 sequence number, $4 digest, $5 rows, $6 unresolved rows, $7 rows that the
-- hub quarantined, $8 the raw bytes, when PostgreSQL refused some of its rows
insert into ops.batch (county, submission, seq, digest, rows, unresolved, quarantined, raw)
values ($1, $2, $3, $4, $5, $6, $7, $8)

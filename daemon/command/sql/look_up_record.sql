-- Put a look-up of full identities on record.
-- $1 reason, $2 command, $3 how many subjects, $4 their references
insert into ops.audit (reason, command, count, subjects)
values ($1, $2, $3::integer, $4::bytea[])

-- Quarantine one row. Two rows of one number are one row here: such batches end up with this statement.
-- $1 county, $2 submission, $3 row, $4 field, $5 reason, $6 the hub refused it, $7 number, $8 name,
-- $9 folded name where it differs, $10 telephone, $11 household number
insert into ops.quarantine (county, submission, row_no, field, reason, hub, id_no, name, name_key, phone,
    household_no)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict do nothing

-- Decide whose a record is; who may is match.decide's to say.
-- $1 county, $2 record type, $3 submission, $4 row, $5 number of the decision, or null, $6 one person,
-- $7 reason
select * from match.decide($1::integer, $2, $3::integer, $4::integer, $5::integer, $6::boolean, $7)

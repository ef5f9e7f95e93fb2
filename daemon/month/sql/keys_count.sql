-- Note whether the bases of a record type hold each natural key once. Counting 64-bit hashes sorts numbers;
-- two keys of one hash only cost the slower way.
-- $1 county, $2 record type
insert into match.distinct_keys (county, record_type, submissions, is_distinct)
select $1, $2, {submissions}, count(*) = count(distinct hashtextextended(concat_ws('/', {key}), 0))
from {table}
where county = $1 and submission = any({submissions})
returning is_distinct

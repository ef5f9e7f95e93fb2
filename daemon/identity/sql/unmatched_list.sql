-- The rows of one list of persons, with the parts of the natural key: put together only for rows that are
-- unmatched.
select '{name}'::text as record_type, {key_parts} r.submission, r.row_no, r.id_no, r.name,
       match.fold(r.name_key, r.name) as fold, {phone} as phone, {address} as address, {area} as area
from {view} as r

-- The newest period of which rows were dropped; 0: none.
-- $1 county
select coalesce(to_char(max(period), 'YYYYMM')::integer, 0)
from ops.submission
where county = $1 and dropped_at is not null

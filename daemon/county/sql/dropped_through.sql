-- The newest period of which rows were dropped; 0: none.
-- $1 county
select coalesce(ops.month_number(max(period)), 0)
from ops.submission
where county = $1 and dropped_at is not null

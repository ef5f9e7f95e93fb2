-- The visible submissions of a county.
-- $1 county
select submission, record_type, producer, ops.month_number(period), revision, kind, partial, stored,
       quarantined
from ops.submission
where county = $1 and state = 'visible'

-- The visible submissions of a county.
-- $1 county
select submission, record_type, producer,
       extract(year from period)::integer * 100 + extract(month from period)::integer, revision, kind,
       partial, stored, quarantined
from ops.submission
where county = $1 and state = 'visible'

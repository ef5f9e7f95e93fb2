-- What is known of the keys of several record types' bases: place in the list, whether each occurs once.
-- $1 county
select place, is_distinct
from match.distinct_keys as k
join (values {wanted}) as wanted (place, record_type, submissions) using (record_type, submissions)
where county = $1

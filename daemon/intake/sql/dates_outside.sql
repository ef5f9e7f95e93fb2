-- Whether over half of an event list's dates lie outside its month.
-- $1 county, $2 submission, $3 first day of the month
select count(*) filter (where date_trunc('month', "{date}") <> $3::date) * 2 > count(*)
from {table}
where county = $1 and submission = $2 and not removed

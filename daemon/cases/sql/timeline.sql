-- timeline: the county's judged months in order. Of a month that is not published only urgent findings
-- count, and a finding missing in that month clears nothing.
-- $1 county, $2 newest published month; null: none
create temp table timeline on commit drop as
select month, row_number() over (order by month)::integer as seq,
       coalesce(month <= $2, false) as published
from match.month
where county = $1

-- The county's judged months, ascending, as YYYYMM.
-- $1 county
select ops.month_number(month), settled, published
from match.month
where county = $1
order by month

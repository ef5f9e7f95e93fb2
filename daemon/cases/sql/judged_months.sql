-- The county's judged months, ascending, as YYYYMM.
-- $1 county
select extract(year from month)::integer * 100 + extract(month from month)::integer, settled, published
from match.month
where county = $1
order by match.month.month

-- Q04: households with several heads, or with none.
(min(array[r.submission, r.row_no]))[1], (min(array[r.submission, r.row_no]))[2], 'relation'
from content_register_member as r
group by r.household_no
having count(*) filter (where r.relation = '户主') <> 1

-- Q04: members in two households.
r.submission, r.row_no, 'household_no'
from rehoused as r
join came as c on c.submission = r.submission
where r.newest
    and (r.first <> r.household_no
         or exists (
             select from rehoused as o
             where o.id_no = r.id_no and o.newest and o.producer <> r.producer
                 and o.household_no <> r.household_no))

-- The newest row of each natural key of a producer, deletions left out.
select *
from (
    select distinct on ({key}) *
    from {table}
    where county = {county} and submission = any({submissions})
    order by {key}, array_position({submissions}, submission) desc, row_no
) as newest
where not removed

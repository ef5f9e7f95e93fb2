-- Q02: columns that one row in so many cannot be used for.
q.submission, null::integer, q.field
from came as c
join ops.quarantine as q on q.county = $1 and q.submission = c.submission
where c.record_type = '{name}' and q.reason <> 'key'
group by q.submission, q.field, c.rows
having count(*) * {share} > c.rows

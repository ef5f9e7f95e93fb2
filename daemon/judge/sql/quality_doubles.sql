-- Q04: keys that two producers hold or, of event lists, that come back with other content.
r.submission, r.row_no, '{field}'
from {table} as r
join came as c on c.submission = r.submission
where r.county = $1 and not r.removed
    and exists (
        select from {table} as o
        join ops.submission as s on s.county = $1 and s.submission = o.submission
        where o.county = $1 and not o.removed and o.submission = any({submissions})
            and ({o_key}) = ({r_key}) and {differs})

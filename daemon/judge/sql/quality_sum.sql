-- Q05: parts that do not add up to their total, by more than 200 yuan and one in a hundred.
r.submission, r.row_no, '{total}'
from content_{type} as r
join came as c on c.submission = r.submission, lateral (select abs(-r.{total}{parts}) as off) as d
where d.off > 20000 and d.off * 100 > abs(r.{total})

-- What is wrong with a sector's lists, row by row.
-- $1 county
select f.check, f.meaning, f.record_type, s.producer, to_char(s.period, 'YYYY-MM'), s.revision, f.row_no,
       f.field
from ({parts}) as f
join ops.submission as s on s.county = $1 and s.submission = f.submission
order by f.check, f.record_type, s.producer, s.submission, f.row_no

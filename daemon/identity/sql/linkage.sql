-- Note in match.linkage the decisions that the month was linked by, how many rows were unmatched and
-- blocks cut, and how long that took.
-- $1 county, $2 month, $3 digest of the decisions, $4 milliseconds, $5 blocks that were cut
insert into match.linkage (county, month, decisions, milliseconds, unmatched_rows, cut_blocks)
select $1, $2, $3, $4, count(*), $5
from match.unmatched_row
where county = $1 and month = $2
on conflict (county, month) do update
set decisions = excluded.decisions, milliseconds = excluded.milliseconds,
    unmatched_rows = excluded.unmatched_rows, cut_blocks = excluded.cut_blocks

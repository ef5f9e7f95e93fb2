-- One word a thing: full, affected, judged_by, unmatched rows (proto/README.md, "Words").
set role qs_match;
alter table match.month rename column means to judged_by;
alter table match.month rename column scope to extent;   -- how it was judged last: full, affected
alter table match.month alter column extent set default 'full';
update match.month set extent = case extent when 'whole' then 'full' else 'affected' end;

alter table match.open_row rename to unmatched_row;
alter table match.unmatched_row rename constraint open_row_pkey to unmatched_row_pkey;
alter table match.linkage rename column open_rows to unmatched_rows;

alter table match.county rename column anew to full_due; -- every case must be derived again
reset role;

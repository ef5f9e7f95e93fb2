-- Open rows and links by a key that is compared fast: a submission is of one record type.
set role qs_match;
alter table match.link drop constraint link_pkey;
alter table match.link add primary key (county, month, submission, row_no, quarantined);
alter table match.open_row drop constraint open_row_pkey;
alter table match.open_row add primary key (county, month, submission, row_no, quarantined);

alter table match.linkage add column cut_blocks integer not null default 0; -- of members too alike to be compared
reset role;

-- Warnings about water works and villages: whose case it is when there is no household.
alter table match.finding add column area text;   -- of a complaint or water works; else null
alter table cases."case" add column area text;    -- of a case <county>-W<works>- or -A<village>-

create or replace view cases.case_masked as
select county, case_id, household_no, subject_ref, episode, severity, x01, state, opened, cleared,
       month, case_seq, last_event, area
from cases."case";

-- What people see of findings and cases. Ops reads the masked views only; a
-- person's number in full is for the role reveal, with a reason, audited.
create or replace function match.mask(subject text, subject_type text) returns text
    language sql immutable parallel safe
    return case when subject_type = 'person' and length(subject) = 18
        then overlay(subject placing '********' from 7 for 8) else subject end;

create view match.finding_full as
select county, month, rule, rule_version, severity, household_no, subject_type, subject,
       subject_ref, "values", sources, link_pass, urgent, route
from match.finding;

create view match.finding_masked as
select county, month, rule, rule_version, severity, household_no, subject_type,
       match.mask(subject, subject_type) as subject,
       subject_ref, "values", sources, link_pass, urgent, route
from match.finding;

-- The findings that a case holds, with what the newest month said of each.
create view cases.finding_full as
select held.county, held.case_id, held.rule, held.month, held.since, held.rechecked,
       found.rule_version, found.severity, found.subject_type, found.subject, found.subject_ref,
       found."values", found.sources, found.link_pass, found.route
from cases.finding held
join match.finding found using (county, month, rule, subject);

create view cases.finding_masked as
select county, case_id, rule, month, since, rechecked, rule_version, severity, subject_type,
       match.mask(subject, subject_type) as subject, subject_ref, "values", sources, link_pass,
       route
from cases.finding_full;

create view cases.case_masked as
select county, case_id, household_no, subject_ref, episode, severity, x01, state, opened, cleared,
       month, case_seq, last_event
from cases."case";

alter function match.mask(text, text) owner to qs_match;
alter view match.finding_full owner to qs_match;
alter view match.finding_masked owner to qs_match;
alter view cases.finding_full owner to qs_match;
alter view cases.finding_masked owner to qs_match;
alter view cases.case_masked owner to qs_match;

revoke all on match.finding, match.withheld, cases."case", cases.finding from qs_ops, qs_console;
grant select on match.county to qs_ops, qs_console;
grant select on match.finding_masked, cases.finding_masked, cases.case_masked to qs_ops, qs_console;
grant select (county, month, rule, subject_ref, why) on match.withheld to qs_ops, qs_console;
grant select on match.finding_full, cases.finding_full to qs_reveal;

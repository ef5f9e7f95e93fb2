-- What a rule can read of persons and households; daemon/README.md lists it.
create temp view household as
select household_no, area, category, identified_on, eliminated_on, no_labour, relocated, risks,
       monitored, alleviated, not monitored and not alleviated as ordinary, covered, edge,
       monitored or alleviated or covered as helped,
       members, living, resident, income_month, income, wage, production, property, transfer,
       production_cost, basic_pension, job_cost,
       'register.household/' || submission || '/' || row_no as source
from household_row;

create temp view person as
select id_no, household_no, relation, health, labour, status, living, resident,
       substr(id_no, 7, 8)::date as birth, age, school_age, category, monitored, alleviated,
       covered, monitored or alleviated or covered as helped, dibao, destitute, edge,
       coalesce(self_total, 0) as self_total,
       coalesce(enrolment_agrees and enrolment_status = '1', false) as insured,
       case when enrolment_agrees then enrolment_status end as enrolment_status,
       case when enrolment_agrees then enrolment_scheme end as enrolment_scheme,
       case when enrolment_agrees then paid_on end as paid_on,
       case when enrolment_agrees then aid_class end as aid_class,
       case when enrolment_agrees then marks end as marks,
       case when student_agrees then student_status end as student_status,
       case when student_agrees then student_grade end as student_grade,
       case when student_agrees then student_school_area end as student_school_area,
       'register.member/' || submission || '/' || row_no as source,
       case when enrolment_agrees then 'insurance.enrolment/' || enrolment_submission || '/'
           || enrolment_row end as enrolment_source,
       case when student_agrees then 'education.student/' || student_submission || '/'
           || student_row end as student_source
from person_row;

create temp view civil_list as
select id_no, household_no, living, dibao, destitute, edge, sources from listed;

-- Settlements that count: neither a reversal nor reversed.
create temp view settlement as
select s.* from insurance_settlement as s
where s.reversal_of is null and not exists (
    select from content_insurance_settlement as reversal
    where reversal.reversal_of = s.settlement_no);

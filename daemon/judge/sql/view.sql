-- household, person, civil_list, settlement, audit: the views for rules that daemon/README.md lists.
create temp view household as
select household_no, area, category, identified_on, eliminated_on, no_labour, relocated, risks,
       monitored, alleviated, not monitored and not alleviated as ordinary, covered, edge,
       monitored or alleviated or covered as helped,
       members, living, resident, self_total, income_month, income, wage, production, property, transfer,
       production_cost, basic_pension, job_cost,
       'register.household/' || submission || '/' || row_no as source
from household_row;

create temp view person as
select id_no, household_no, relation, health, labour, status, living, resident,
       substr(id_no, 7, 8)::date as birth, age, school_age, category, identified_on,
       monitored, alleviated, covered, monitored or alleviated or covered as helped, dibao,
       destitute, edge, dibao_since, destitute_since,
       coalesce(self_total, 0) as self_total,
       coalesce(insurance_enrolment_agrees and enrolment_status = '1', false) as insured,
       case when insurance_enrolment_agrees then enrolment_status end as enrolment_status,
       case when insurance_enrolment_agrees then enrolment_scheme end as enrolment_scheme,
       case when insurance_enrolment_agrees then paid_on end as paid_on,
       case when insurance_enrolment_agrees then aid_class end as aid_class,
       case when insurance_enrolment_agrees then marks end as marks,
       case when education_student_agrees then student_status end as student_status,
       case when education_student_agrees then student_grade end as student_grade,
       case when education_student_agrees then student_school_area end as student_school_area,
       'register.member/' || submission || '/' || row_no as source,
       case when insurance_enrolment_agrees then 'insurance.enrolment/' || enrolment_submission || '/'
           || enrolment_row end as enrolment_source,
       case when education_student_agrees then 'education.student/' || student_submission || '/'
           || student_row end as student_source
from person_row;

create temp view civil_list as
select id_no, household_no, living, dibao, destitute, edge, sources from listed;

create temp view settlement as
select id_no as person, household_no, living, settlement_no, kind, discharged_on, in_scope,
       basic_paid, self_total, tilted, case when same_name then '' else 'name_one' end as link,
       'insurance.settlement/' || submission || '/' || row_no as source
from settlement_row;

-- Each row of the audit beside the pupil's school records of the month, in the register or not.
create temp view audit as
select a.id_no, p.household_no, a.term, a.school_code, a.returned, a.audited_on,
       s.school_area as student_school_area, s.status as student_status,
       s.absent_days as student_absent_days,
       case when match.fold(a.name_key, a.name) <> match.fold(s.name_key, s.name)
           or p.fold <> match.fold(a.name_key, a.name) then 'name_one' else '' end as link,
       'education.audit/' || a.submission || '/' || a.row_no as source,
       'education.student/' || s.submission || '/' || s.row_no as student_source
from content_education_audit as a
left join content_education_student as s
    on s.id_no = a.id_no
    and (match.fold(a.name_key, a.name) = match.fold(s.name_key, s.name)
         or match.one_apart(match.fold(a.name_key, a.name), match.fold(s.name_key, s.name)))
left join person_row as p
    on p.id_no = a.id_no
    and (p.fold = match.fold(a.name_key, a.name)
         or match.one_apart(p.fold, match.fold(a.name_key, a.name)));

-- person_row: one row a member of a register household, with the columns of the lists that have the
-- number. A list's row counts only where <type>_agrees: the same number under another name is a
-- conflict. The lists of which a person has one row stand for the words in braces (person_agrees,
-- person_picked).
-- $1 last day of the month and $2 last 31 August, both as numbers YYYYMMDD, $3 county
create temp table person_row on commit drop as
select m.id_no, match.fold(m.name_key, m.name) as fold, m.household_no, m.relation, m.health,
       m.labour, m.status, m.status = '1' as living,
       m.residence is null or left(m.residence, 6) = $3 as resident,
       ($1 - substr(m.id_no, 7, 8)::integer) / 10000 as age,
       ($2 - substr(m.id_no, 7, 8)::integer) / 10000 as school_age,
       h.category, h.identified_on, h.monitored, h.alleviated, h.covered,
       coalesce(list.dibao, false) as dibao,
       coalesce(list.destitute, false) as destitute,
       coalesce(list.edge, false) as edge,
       list.dibao_since, list.destitute_since,
       spent.self_total,
       {agrees}
       insurance_enrolment.status as enrolment_status, insurance_enrolment.scheme as enrolment_scheme,
       insurance_enrolment.paid_on, insurance_enrolment.aid_class, insurance_enrolment.marks,
       insurance_enrolment.submission as enrolment_submission, insurance_enrolment.row_no as enrolment_row,
       education_student.status as student_status, education_student.grade as student_grade,
       education_student.school_area as student_school_area,
       education_student.submission as student_submission, education_student.row_no as student_row,
       m.submission, m.row_no
from content_register_member as m
join household_row as h on h.household_no = m.household_no
{picked}
left join listed as list on list.id_no = m.id_no
left join spent on spent.id_no = m.id_no

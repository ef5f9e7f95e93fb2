-- person_row: one row a member of a register household, with what the lists say of the number. A
-- list's row counts only where *_agrees: the same number under another name is a conflict.
-- $1 last day of the month and $2 last 31 August, both as numbers YYYYMMDD, $3 county
create temp table person_row on commit drop as
select m.id_no, coalesce(m.name_key, m.name) as fold, m.household_no, m.relation, m.health,
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
       coalesce(m.name_key, m.name) = coalesce(e.name_key, e.name)
           or match.one_apart(coalesce(m.name_key, m.name), coalesce(e.name_key, e.name))
           as enrolment_agrees,
       e.status as enrolment_status, e.scheme as enrolment_scheme, e.paid_on, e.aid_class, e.marks,
       e.submission as enrolment_submission, e.row_no as enrolment_row,
       coalesce(m.name_key, m.name) = coalesce(s.name_key, s.name)
           or match.one_apart(coalesce(m.name_key, m.name), coalesce(s.name_key, s.name))
           as student_agrees,
       s.status as student_status, s.grade as student_grade,
       s.school_area as student_school_area,
       s.submission as student_submission, s.row_no as student_row,
       m.submission, m.row_no
from content_register_member as m
join household_row as h on h.household_no = m.household_no
left join picked_enrolment as e on e.id_no = m.id_no
left join picked_student as s on s.id_no = m.id_no
left join listed as list on list.id_no = m.id_no
left join spent on spent.id_no = m.id_no

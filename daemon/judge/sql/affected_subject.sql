-- affected_subject: the persons, households and houses of the affected set, as findings name their
-- subjects.
create temp view affected_subject as
select 'person' as subject_type, id_no as subject from affected_person
union all
select 'household', household_no from affected_household
union all
select 'house', house_no from affected_house

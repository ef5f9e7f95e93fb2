, p.id_no as person, p.household_no as person_household,
case when r.linked_how is not null then r.linked_how
     when p.fold = match.fold(r.name_key, r.name) then ''
     when p.id_no is not null then 'name_one' end as link

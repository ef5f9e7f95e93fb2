-- A linked row is its member's household's, whatever household number it gives.
, case when r.linked_how is not null then p.household_no
       else coalesce(head.household_no, p.household_no) end as household,
case when r.linked_how is not null then r.linked_how
     when head.household_no is not null then 'household_no'
     when p.fold = match.fold(r.name_key, r.name) then ''
     when p.id_no is not null then 'name_one' end as link

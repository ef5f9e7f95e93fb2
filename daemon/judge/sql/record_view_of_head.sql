
left join person_row as head
    on head.household_no = r.household_no and head.relation = '户主'
    and (head.fold = match.fold(r.name_key, r.name)
         or match.one_apart(head.fold, match.fold(r.name_key, r.name)))

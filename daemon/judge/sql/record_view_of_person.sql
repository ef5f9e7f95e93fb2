
left join person_row as p
    on p.id_no = r.id_no
    and (p.fold = match.fold(r.name_key, r.name)
         or match.one_apart(p.fold, match.fold(r.name_key, r.name)))

-- The other lists are small enough to be asked again.
content_{type} as r
join person_row as p on p.id_no = r.id_no
where p.fold <> match.fold(r.name_key, r.name)
    and not match.one_apart(p.fold, match.fold(r.name_key, r.name))

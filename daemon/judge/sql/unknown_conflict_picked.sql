-- Of a list of which a person has one row, the wide rows know whose names agree.
picked_{type} as r join person_row as p on p.id_no = r.id_no where not p.{type}_agrees

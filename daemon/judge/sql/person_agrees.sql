-- A column of person_row: the list's row of the number bears the member's name, or one a character off.
       match.fold(m.name_key, m.name) = match.fold({list}.name_key, {list}.name)
           or match.one_apart(match.fold(m.name_key, m.name), match.fold({list}.name_key, {list}.name))
           as {list}_agrees,

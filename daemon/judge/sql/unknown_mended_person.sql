mended.id_no = q.id_no or match.fold(mended.name_key, mended.name) = match.fold(q.name_key, q.name)

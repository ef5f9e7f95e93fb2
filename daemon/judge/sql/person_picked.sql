left join picked_{list} as {list} on {list}.id_no = m.id_no

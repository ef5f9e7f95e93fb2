-- The month's members with the details of their households, ascending by number.
copy (
    select m.id_no, m.name, m.fold, m.household_no, h.phone, h.address, h.area
    from {members} as m
    left join {households} as h on h.household_no = m.household_no
    order by m.id_no collate "C"
) to stdout (format binary)

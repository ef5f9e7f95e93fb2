-- The same of bases that hold each key once, without a sort: no row that a later part replaces or removes.
-- Of a part's two rows of one key the first counts.
select said.*
from {table} as said
where said.county = {county} and said.submission = any({submissions}) and not said.removed
    and not exists (
        select from {table} as later
        where later.county = {county} and later.submission = any({later})
            and ({later_key}) = ({said_key})
            and (array_position({submissions}, later.submission), said.row_no)
                > (array_position({submissions}, said.submission), later.row_no))

-- Quarantined rows of a record type that no correction mends: linked, they count as presence only.
-- $1 county
{into}
select '{name}', concat_ws('/', 'quarantine', q.id_no, q.name, q.phone, q.household_no), '',
       q.submission, q.row_no, true, null, null, null, null, q.id_no, q.name, q.phone, null, null,
       q.household_no
from ops.quarantine as q
where q.county = $1 and q.name is not null and q.submission = any({submissions})
    and not exists (select from {members} as m where m.id_no = q.id_no)
    and not exists (
        select from {table} as mended
        where mended.county = $1 and mended.submission > q.submission
            and mended.submission = any({corrections})
            and (mended.id_no = q.id_no
                 or match.fold(mended.name_key, mended.name) = match.fold(q.name_key, q.name)))

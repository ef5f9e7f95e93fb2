-- Of several rows linked with one member under one key the strongest stays; the others become "taken":
-- the member stands in the list under two numbers.
with ranked as (
    select s.record_type, s.submission, s.row_no,
           row_number() over same as place, bool_or(s.band = 'linked') over (
               partition by s.record_type, s.id_no, s.key_rest) as has_linked
    from scored as s
    where not s.quarantined and s.band in ('linked', 'review') and s.record_type = any($1::text[])
    window same as (partition by s.record_type, s.id_no, s.key_rest
        order by s.band, s.pass = 4 desc, s.pass, s.weight desc nulls last,
                 s.record_key collate "C", s.submission, s.row_no)
)
update scored as s
set band = 'taken'
from ranked as r
where r.submission = s.submission and r.row_no = s.row_no
    and not s.quarantined and r.place > 1 and r.has_linked

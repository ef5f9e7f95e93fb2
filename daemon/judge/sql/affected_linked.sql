-- The rows of a record type that are linked with a person of the affected set.
select t.*
from match.link as l
join {table} as t
    on t.county = l.county and t.submission = l.submission and t.row_no = l.row_no
where l.county = {county} and l.month = '{month}' and l.record_type = '{name}' and l.band = 'linked'
    and not l.quarantined and l.id_no in (select id_no from affected_person)

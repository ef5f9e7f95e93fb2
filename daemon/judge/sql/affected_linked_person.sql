-- The persons with whom match.link links rows of affected_<type>.
(select l.id_no
 from {name} as t
 join match.link as l
     on l.county = t.county and l.month = '{month}' and l.record_type = '{type}'
     and l.submission = t.submission and l.row_no = t.row_no
 where l.band = 'linked' and not l.quarantined)

-- link_row of an affected set: the month's links as they stand.
-- $1 county, $2 month
insert into link_row
select l.record_type, l.submission, l.row_no, l.quarantined, l.id_no,
       match.fold(m.name_key, m.name) as fold, l.household_no, l.pass, l.how, l.band, l.weight
from match.link as l
left join content_register_member as m on m.id_no = l.id_no
where l.county = $1 and l.month = $2

-- resolved: the month's links as they stand, for an affected set.
-- $1 county, $2 month
create temp table resolved on commit drop as
select l.record_type, l.submission, l.row_no, l.quarantined, l.id_no,
       match.fold(m.name_key, m.name) as fold, l.household_no, l.pass, l.how, l.band, l.weight
from match.link as l
left join content_register_member as m on m.id_no = l.id_no
where l.county = $1 and l.month = $2

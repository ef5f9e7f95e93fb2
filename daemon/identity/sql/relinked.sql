-- relinked: rows whose link comes, goes or differs from match.link. `moved`: the link is with another
-- member, or counts differently; otherwise only its weight is new.
-- $1 county, $2 month, $3 the model's version
create temp table relinked on commit drop as
select coalesce(l.record_type, s.record_type) as record_type,
       coalesce(l.submission, s.submission) as submission,
       coalesce(l.row_no, s.row_no) as row_no,
       coalesce(l.quarantined, s.quarantined) as quarantined,
       l.id_no as before, s.id_no as now,
       (l.id_no, l.household_no, l.pass, l.how, l.band)
           is distinct from (s.id_no, s.household_no, s.pass, s.how, s.band) as moved
from (select * from match.link where county = $1 and month = $2) as l
full join (select * from scored where band <> 'apart') as s
    on s.submission = l.submission and s.row_no = l.row_no and s.quarantined = l.quarantined
where (l.record_key, l.id_no, l.household_no, l.pass, l.how, l.band, l.weight, l.terms, l.model)
    is distinct from
      (s.record_key, s.id_no, s.household_no, s.pass, s.how, s.band, s.weight, s.terms, $3)

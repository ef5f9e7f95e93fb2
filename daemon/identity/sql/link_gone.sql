-- Delete from match.link the links that go, or come another way, by `relinked`.
-- $1 county, $2 month
delete from match.link as l
using relinked as r
where l.county = $1 and l.month = $2 and r.submission = l.submission and r.row_no = l.row_no
    and r.quarantined = l.quarantined and r.before is not null

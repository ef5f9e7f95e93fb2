-- Note in match.month by which rules the month was judged, in full or as an affected set, and why.
-- $1 county, $2 month, $3 digest of rules, profile and program, $4 full or affected, $5 why in full,
-- $6 persons and $7 households of the affected set
update match.month
set judged_by = $3, extent = $4, why = $5, persons = $6, households = $7
where county = $1 and month = $2

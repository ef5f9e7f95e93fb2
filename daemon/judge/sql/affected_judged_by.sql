-- Whether match.month says that the month was judged by the same rules, profile and program.
-- $1 county, $2 month, $3 digest of these
select coalesce(judged_by = $3, false) from match.month where county = $1 and month = $2

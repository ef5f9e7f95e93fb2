-- Whether a month was judged by these rules, profile and program.
-- $1 county, $2 month, $3 digest of these
select coalesce(judged_by = $3, false) from match.month where county = $1 and month = $2

-- Note that every case of the county is told, and by which register.
-- $1 county, $2 submissions of the register
update match.county
set due = false, full_due = false, spread = false, register = $2::integer[]
where county = $1

-- Note which months are published.
-- $1 county, $2 last day of the newest published month
update match.month
set published = true
where county = $1 and month <= $2 and not published

-- Forget the links of closed months that count for nothing; those that findings rest on stay.
-- $1 county, $2 first day of the oldest month that is not closed
delete from match.link
where county = $1 and month < $2 and (quarantined or band <> 'linked')

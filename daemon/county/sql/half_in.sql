-- Whether a submission of the county is half in.
-- $1 county
select exists (select from ops.submission where county = $1 and state = 'open')

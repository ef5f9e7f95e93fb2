-- Decisions of which the submissions that hold the record are not known yet.
-- $1 county
select record_type, record_key, id_no from match.decision where county = $1 and submissions is null

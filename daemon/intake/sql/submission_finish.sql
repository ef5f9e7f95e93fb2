-- End a submission; no row when it is not half in.
-- $1 county, $2 submission, $3 state, $4 revision, $5 code, $6 reason, $7 the same in Chinese,
-- $8 partial, $9 warnings, $10 stored and $11 quarantined rows
update ops.submission
set state = $3, revision = $4, code = $5, reason = $6, reason_zh = $7, partial = $8, warnings = $9,
    stored = $10, quarantined = $11, hash_state = null, closed_at = now()
where county = $1 and submission = $2 and state = 'open'

-- Put a submission on record as an OPEN decided.
-- $1 county, $2 submission, $3 uuid, $4 channel, $5 epoch, $6 first and $7 last sequence number,
-- $8 producer, $9 record type, $10 period, $11 kind, $12 revision as sent, $13 as counted, $14 nil
-- report, $15 digest, $16 state, $17 code, $18 reason, $19 the same in Chinese, $20 rows, $21 unresolved
-- rows and $22 batches announced, $23 it has ended
insert into ops.submission (county, submission, uuid, channel, epoch, first_seq, last_seq, producer,
    record_type, period, kind, wanted_revision, revision, nil, digest, state, code, reason, reason_zh,
    expected_rows, expected_unresolved, expected_batches, closed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
    $22, case when $23 then now() end)

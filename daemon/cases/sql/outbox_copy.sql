-- Write events.
copy cases.outbox (county, route, number, event_id, case_id, case_seq, type, body)
from stdin (format binary)

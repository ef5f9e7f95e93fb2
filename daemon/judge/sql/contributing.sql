-- contributing: every submission that the month reads.
create temp view contributing as
select record_type, submission, producer, period, revision, kind
from ops.submission
where county = {county} and submission = any({submissions})

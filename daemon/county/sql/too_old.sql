-- The submissions of a record type before a period, oldest first. Of a roster the newest full one that is
-- no younger than the period is kept, and what came after it.
-- $1 county, $2 record type, $3 first day of the period, $4 the record type holds events
select s.submission
from ops.submission s
where s.county = $1 and s.record_type = $2 and s.state = 'visible' and s.dropped_at is null
    and s.period < $3
    and ($4 or exists (
        select from ops.submission f
        where f.county = s.county and f.record_type = s.record_type and f.producer = s.producer
            and f.state = 'visible' and f.kind = 'full' and f.period > s.period and f.period <= $3))
order by s.period

-- Discard the submission that is half in when a channel is accepted anew.
-- $1 channel
update ops.submission s
set state = 'discarded', closed_at = now(),
    reason = 'given up when the channel was accepted anew; send the file again',
    reason_zh = '通道重新启用，未传完的一批已作废，请重新报送该文件'
from ops.channel c
where c.name = $1 and s.county = c.county and s.submission = c.submission and s.state = 'open'

-- channel: every adapter's channel.
select name, state, case state when 'ok' then '正常' else '停止' end, reason, next_seq,
       generation, county::text, submission, to_char(changed_at, 'YYYY-MM-DD HH24:MI:SS')
from ops.channel
where ($1::integer is null or true) and ($2::date is null or true) and $3::text is null
order by name

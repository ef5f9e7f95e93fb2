-- feeds: what is there, late, half, stuck or refused.
with months as (
    select distinct county, period from ops.submission
    where state in ('visible', 'refused', 'open') and ($2::date is null or period = $2)
    union
    select county, $2 from ops.feed where $2 is not null
), last as (
    select distinct on (county, producer, record_type, period) *
    from ops.submission where state in ('visible', 'refused', 'open')
    order by county, producer, record_type, period,
             array_position(array['open', 'visible', 'refused'], state),
             revision desc nulls last, submission desc
), feed as (
    select f.county, f.producer, f.title, f.record_type, m.period, l.state,
           f.expected and (m.period between coalesce(f.first_period, '-infinity')
                           and coalesce(f.last_period, 'infinity')) as expected,
           l.revision, l.kind, l.nil, l.partial, l.stored, l.quarantined, l.reason_zh, l.warnings,
           coalesce(l.closed_at, l.opened_at) as at, c.state as channel_state
    from ops.feed f
    join months m using (county)
    left join last l using (county, producer, record_type, period)
    left join ops.channel c on c.name = f.channel
)
select county::text, to_char(period, 'YYYY-MM'), coalesce(title, producer), producer, record_type,
       case when channel_state = 'stopped' then 'stuck'
            when state = 'open' then 'half'
            when state = 'refused' then 'refused'
            when nil then 'nil'
            when partial then 'partial'
            when state = 'visible' then 'complete'
            when period + interval '1 month 10 days' <= now() then 'late'
            else 'waiting' end as is,
       case when channel_state = 'stopped' then '停止'
            when state = 'open' then '在收'
            when state = 'refused' then '退回'
            when nil then '零报告'
            when partial then '不全'
            when state = 'visible' then '已收'
            when period + interval '1 month 10 days' <= now() then '逾期'
            else '待报' end,
       kind, revision, stored, quarantined, to_char(at, 'YYYY-MM-DD HH24:MI:SS'), reason_zh,
       to_jsonb(warnings)
from feed
where (state is not null or (expected and record_type = any ($4::text[])))
  and ($1::integer is null or county = $1) and ($3::text is null or record_type = $3)
order by county, period, record_type, producer

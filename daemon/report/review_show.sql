-- review_show: one link as one object. $1 county or null, $2 record type, $3 submission, $4 row,
-- $5 number of a decision or null; the last columns are the numbers that a look-up shows.
select concat_ws('/', l.record_type, l.submission, l.row_no, l.decision), l.county::text,
       to_char(l.month, 'YYYY-MM'), l.record_type, l.submission, l.row_no, l.quarantined,
       l.household_no, l.pass, l.how,
       case l.how when 'name_sound' then '同号，姓名同音' when 'name_household' then '姓名、户编号'
           when 'name_phone' then '姓名、电话' when 'name_address' then '姓名、村和地址'
           when 'score' then '综合评分' when 'clerk' then '人工确认' else l.how end,
       l.band,
       case l.band when 'linked' then '已关联' when 'review' then '待审'
           when 'taken' then '本人另有记录' else '未关联' end
           || case when l.quarantined then '，问题行' else '' end
           || case when l.terms @> '[{"field": "number", "level": "different"}]'
               then '，两个有效号码' else '' end,
       round(l.weight / 1000.0, 3), to_char(l.weight / 1000.0, 'FM9990.000'),
       round((1 / (1 + power(2, -l.weight / 1000.0)))::numeric, 6),
       to_char(1 / (1 + power(2, -l.weight / 1000.0)), 'FM0.0000'),
       l.model, l.same,
       case when l.same then '同一人' when not l.same then '不是同一人' end
           || case when l.pending then '（待重新研判）' else '' end,
       l.decided_by, to_char(l.decided_at, 'YYYY-MM-DD HH24:MI'), l.reason, l.fields,
       coalesce((select jsonb_agg(term || jsonb_build_object(
               'weight', round((term ->> 'weight')::numeric / 1000, 3)) order by place)
           from jsonb_array_elements(l.terms) with ordinality as t (term, place)), '[]'),
       l.numbers[1], l.numbers[2]
from match.review_{sight}($1::integer, $2, $3::integer, $4::integer, $5::integer) as l

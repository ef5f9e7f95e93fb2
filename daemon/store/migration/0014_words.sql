-- How a link is told in Chinese.
set role qs_match;

create function match.how_words(how text) returns text
    language sql immutable parallel safe as $$
    select coalesce((jsonb '{"name_sound": "同号，姓名同音", "name_household": "姓名、户编号",
        "name_phone": "姓名、电话", "name_address": "姓名、村和地址", "score": "综合评分",
        "clerk": "人工确认"}') ->> how, how)
$$;

create function match.band_words(band text, quarantined boolean, terms jsonb) returns text
    language sql immutable parallel safe as $$
    select coalesce((jsonb '{"linked": "已关联", "review": "待审", "taken": "本人另有记录"}') ->> band,
                    '未关联')
        || case when quarantined then '，问题行' else '' end
        || case when terms @> '[{"field": "number", "level": "different"}]'
            then '，两个有效号码' else '' end
$$;

create function match.decision_words(same boolean, pending boolean) returns text
    language sql immutable parallel safe as $$
    select case when same then '同一人' when not same then '不是同一人' end
        || case when pending then '（待重新研判）' else '' end
$$;

-- Of a weight in thousandths of a bit.
create function match.probability(weight integer) returns double precision
    language sql immutable parallel safe as $$ select 1 / (1 + power(2, -weight / 1000.0)) $$;
reset role;

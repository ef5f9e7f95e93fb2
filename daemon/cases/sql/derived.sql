-- derived: each case as it stands now, with the digest of everything that an event tells of the case.
-- $1 and $2 what HMAC puts before the inner and the outer message, $3 county
create temp table derived on commit drop as
with family as (
    select s.case_id, count(distinct r.family) >= 2 as x01
    from stand as s
    join timeline as now on now.seq = s.at
    join mark as m on m.key = s.key and m.severity in ('red', 'yellow') and m.seq <= s.at
    join timeline as t on t.seq = m.seq and t.month >= now.month - interval '2 months'
    join match.run as r on r.county = $3 and r.month = t.month and r.rule = m.rule
    where s.key like 'H%'
    group by s.case_id
), entire as (
    select s.case_id, s.episode,
           case when s.key like 'H%' then s.household_no end as household_no,
           case when s.key like 'H%' then s.household_no when s.key like 'P%' then s.person
                else substr(s.key, 2) end as subject,
           case when s.key like 'P%' then s.person end as person,
           case when s.key like 'W%' or s.key like 'A%' then s.area end as area,
           case when s.red or coalesce(f.x01, false) then 'red' else 'yellow' end as severity,
           coalesce(f.x01, false) as x01,
           began.month as opened, ended.month as cleared, now.month,
           concat_ws(E'\n', s.text, telling.text) as text
    from stand as s
    join timeline as began on began.seq = s.since
    join timeline as now on now.seq = s.at
    join telling on telling.case_id = s.case_id
    left join timeline as ended on not s.is_open and ended.seq = s.until + 1
    left join family as f on f.case_id = s.case_id
)
select case_id, household_no, person, area, episode, severity, x01, opened, cleared, month,
       match.reference($1, $2, subject) as subject_ref,
       sha256(convert_to(concat_ws(E'\n', severity, x01, opened, coalesce(cleared::text, '-'),
           text), 'UTF8')) as content
from entire

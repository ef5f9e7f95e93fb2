"""A county made in the database for `bench/match`: every list that a rule reads, and changes of them."""

COUNTY, MONTH = 360722, "2026-03"
MAKE = """
create function pg_temp.dice(seed bigint, kind bigint, sides bigint) returns bigint language sql
    immutable as $$ select ((hashint8extended(seed * 64 + kind, 7) % sides) + sides) % sides $$;
create temp table people as
select g, (g - 1) / 4 + 1 as h, (g - 1) % 4 as place,
       '360799' || case when (g - 1) % 4 = 0
           then to_char(date '1940-01-01' + (g * 7919 % 20000)::int, 'YYYYMMDD')
               || (1000 + g / 20000)::text
           else to_char(date '1940-01-01' + (g * 7919 % 31300)::int, 'YYYYMMDD')
               || (2000 + g / 31300)::text end as id,
       substr('王李张刘陈杨黄赵吴周', 1 + ((g - 1) / 4 % 10)::int, 1)
       || substr('伟芳娜敏静丽强磊军洋勇艳杰娟涛', 1 + pg_temp.dice(g, 2, 15)::int, 1)
       || substr('明华红建国文春秋海云超秀霞平刚', 1 + pg_temp.dice(g, 3, 15)::int, 1) as name
from generate_series(1, {persons}::bigint) as g;
analyze people;
insert into feed.register_household
select {county}, 1, h, false, 'H' || lpad(h::text, 12, '0'),
       '{county}' || lpad((100 + h % 16)::text, 3, '0') || lpad((200 + h % 20)::text, 3, '0'),
       '某某村' || h || '号', '19900123456',
       case when pg_temp.dice(h, 4, 1000) < 80 then '1' when pg_temp.dice(h, 4, 1000) < 105 then '3'
            else '0' end,
       '{{}}', null, null, h % 200 = 0, false, null, '2025-12-01',
       case when pg_temp.dice(h, 5, 1000) < 6 then 3000000 else 5000000 end
           + pg_temp.dice(h, 6, 9000000), 500000, 0, 100000, 100000, null, null
from generate_series(1, {persons}::bigint / 4) as h;
insert into feed.register_member
select {county}, 2, g, false, 'H' || lpad(h::text, 12, '0'), id, name,
       case place when 0 then '户主' when 1 then '配偶' when 2 then '之子' else '之女' end, '{{健康}}',
       '普通劳动力', null, case when pg_temp.dice(g, 7, 100) = 0 then '2' else '1' end, null,
       case when pg_temp.dice(g, 8, 20) = 0 then '440300' end
from people order by g;
insert into feed.insurance_enrolment
select {county}, 3, row_number() over (order by pg_temp.dice(g, 9, 1000000)), false, id, name, 2026,
       '390', case when pg_temp.dice(g, 10, 1000) < 3 then '2' else '1' end, '2025-11-01',
       case when pg_temp.dice(g, 50, 1000) < 2 then '0'
            when pg_temp.dice(h, 15, 1000) < 4 and place = 0 then '1'
            when pg_temp.dice(h, 14, 1000) < 30 then '2'
            when pg_temp.dice(h, 4, 1000) < 80 then '4'
            when pg_temp.dice(h, 4, 1000) < 105 then '3' else '0' end, 0, '{county}',
       case when pg_temp.dice(g, 51, 1000) < 2 then '{{}}' else array_remove(array[
           case when pg_temp.dice(h, 15, 1000) < 4 and place = 0 then '特困' end,
           case when pg_temp.dice(h, 14, 1000) < 30 then '低保' end,
           case when pg_temp.dice(h, 4, 1000) between 80 and 104 then '监测对象' end,
           case when pg_temp.dice(h, 4, 1000) < 80 then '脱贫人口' end], null) end
from people where pg_temp.dice(g, 11, 1000) >= 8 order by pg_temp.dice(g, 9, 1000000);
insert into feed.education_student
select {county}, 4, row_number() over (), false, id, name, '3607000001', '{county}', null, null,
       'P3', '01', null, case when pg_temp.dice(g, 12, 1000) < 2 then 11 else 0 end, false, null
from people where substr(id, 7, 4)::int between 2010 and 2021 and pg_temp.dice(g, 13, 1000) >= 2;
insert into feed.civil_dibao
select {county}, 5, row_number() over (), false, id, name, 'D1', 'B', 40000, '2024-01-01', null, null,
       null, false
from people where pg_temp.dice(h, 14, 1000) < 30;
insert into feed.civil_destitute
select {county}, 6, row_number() over (), false, id, name, '分散', '全自理', '2024-01-01', null
from people where pg_temp.dice(h, 15, 1000) < 4 and place = 0;
insert into feed.civil_edge
select {county}, 7, row_number() over (), false, id, name, '低保边缘', '2024-01-01', null
from people where pg_temp.dice(h, 16, 1000) < 4;
insert into feed.housing_house
select {county}, 8, h, false, 'F' || h, id, name, 'H' || lpad(h::text, 12, '0'), '{county}100200', null,
       1990, case when pg_temp.dice(h, 17, 1000) < 3 then 'C' when pg_temp.dice(h, 17, 1000) < 4
       then 'D' else 'A' end, '2025-06-01', true, true, '2026-03-01', '{{}}'
from people where place = 0;
insert into feed.water_household
select {county}, 9, h, false, 'W' || h, 'H' || lpad(h::text, 12, '0'), null, name, null, null,
       '{county}100200', case when pg_temp.dice(h, 18, 10000) < 3 then '0' else '1' end, null,
       case when pg_temp.dice(h, 19, 1000) < 3 then 15 else 60 end, null, null, 0, 0, '1', null
from people where place = 0;
insert into feed.education_aid
select {county}, 12, row_number() over (), false, id, name, '2026春', '一补', 50000, '2026-03-05', null
from people where substr(id, 7, 4)::int between 2010 and 2021 and pg_temp.dice(g, 52, 10) < 2;
insert into feed.education_audit
select {county}, 13, row_number() over (), false, id, name, '2026春', '3607000001',
       pg_temp.dice(g, 53, 1000) >= 2, '2026-02-25', null
from people where substr(id, 7, 4)::int between 2010 and 2019;
insert into feed.education_cost
select {county}, 14, row_number() over (), false, id, name, '2025-2026', pg_temp.dice(g, 54, 1003000), 0, 0,
       0, null
from people where substr(id, 7, 4)::int between 2006 and 2021;
insert into feed.housing_renovation
select {county}, 11, h, false, 'P' || h, 'F' || h, 2026, '修缮加固', '2026-03-01', null, null, false, 100
from people where place = 0 and pg_temp.dice(h, 55, 1000) < 4;
insert into feed.water_works
select {county}, 15, g, false, 'GC' || g, array['{county}100200'], 400,
       case when g % 10 = 0 then date '2026-03-05' end, case when g % 10 = 0 then date '2026-03-06' end,
       false, '{{}}', false
from generate_series(1, {persons}::bigint / 2000) as g;
insert into feed.water_complaint
select {county}, 16, g, false, 'T' || g, '{county}100200', '2026-03-10',
       case when g % 20 > 0 then date '2026-03-15' end, '停水'
from generate_series(1, {persons}::bigint / 2500) as g;
insert into feed.civil_relief
select {county}, 17, g, false, 'R' || g, id, name, 100000, '因病', '2026-03-05', null
from people where pg_temp.dice(g, 56, 1000) < 2;
insert into feed.civil_disability
select {county}, 18, g, false, id, name, '肢体', 1 + pg_temp.dice(g, 57, 4), null
from people where pg_temp.dice(g, 58, 1000) < 20;
insert into feed.register_household
select county, 19, row_no, removed, household_no, area, address, phone, category, risks, identified_on,
       eliminated_on, no_labour, relocated, officer, income_month,
       case when row_no % 500 = 0 then 3 * wage else wage end, production, property, transfer,
       production_cost, basic_pension, job_cost
from feed.register_household where county = {county} and submission = 1;
insert into feed.civil_standard values ({county}, 10, 1, false, '{county}', 70000, '2025-01-01', '文号');
insert into feed.insurance_settlement
select {county}, 20 + m, row_number() over (partition by m), false, 'S' || m || '-' || g, id, name, '21',
       date '2025-04-01' + m * 30, date '2025-04-01' + m * 30, 500000, 400000, 200000, 0, 0, 0,
       100000, case when pg_temp.dice(g, 20 + m, 500) = 0 then 2100000 else 60000 end, false, null, '0'
from people cross join generate_series(0, 11) as m where pg_temp.dice(g, 33 + m, 25) = 0;
insert into ops.submission (county, submission, uuid, channel, epoch, first_seq, last_seq, producer,
    record_type, period, kind, wanted_revision, revision, nil, digest, state, expected_rows,
    expected_unresolved, expected_batches)
select {county}, number, decode(md5(number::text), 'hex'), 'c', '\\x00'::bytea, number, number, 'one',
       type, period, 'full', 0, 1, false, '\\x00'::bytea, 'visible', 1, 0, 1
from (values (1, 'register.household', date '2026-01-01'), (2, 'register.member', '2026-01-01'),
      (3, 'insurance.enrolment', '2026-03-01'), (4, 'education.student', '2026-03-01'),
      (5, 'civil.dibao', '2026-03-01'), (6, 'civil.destitute', '2026-03-01'),
      (7, 'civil.edge', '2026-03-01'), (8, 'housing.house', '2026-03-01'),
      (9, 'water.household', '2026-03-01'), (10, 'civil.standard', '2026-01-01'),
      (11, 'housing.renovation', '2026-03-01'), (12, 'education.aid', '2026-02-01'),
      (13, 'education.audit', '2026-02-01'), (14, 'education.cost', '2025-09-01'),
      (15, 'water.works', '2026-03-01'), (16, 'water.complaint', '2026-03-01'),
      (17, 'civil.relief', '2026-03-01'), (18, 'civil.disability', '2026-03-01'),
      (19, 'register.household', '2025-10-01')) as one (number, type, period)
union all
select {county}, 20 + m, decode(md5((20 + m)::text), 'hex'), 'c', '\\x00', 20 + m, 20 + m, 'one',
       'insurance.settlement', (date '2025-04-01' + m * interval '1 month')::date, 'full', 0, 1, false,
       '\\x00', 'visible', 1, 0, 1
from generate_series(0, 11) as m;
do $$
declare one record;
begin
    for one in select distinct record_type from ops.submission loop
        execute format('update ops.submission as s set rows = n, stored = n from (select submission,'
            ' count(*) as n from feed.%I group by submission) as t where t.submission = s.submission'
            ' and record_type = %L', replace(one.record_type, '.', '_'), one.record_type);
    end loop;
end $$;
"""


TYPES = ["register.household", "register.member", "insurance.enrolment", "insurance.settlement",
         "education.student", "education.aid", "education.audit", "education.cost", "civil.dibao",
         "civil.destitute", "civil.edge", "civil.relief", "civil.disability", "civil.standard",
         "housing.house", "housing.renovation", "water.household", "water.works", "water.complaint"]

# Each monthly list: its full submission, whose rows those of some households are (`t`), and what a
# change makes of them; `key` is the row's own. Some findings come, some go, most stay.
PERSON = "t.id_no in (select id_no from chosen)"
KEYED = "(hashtext({key} || '{turn}') & 7)"
LISTS = {
    "insurance.enrolment": (3, PERSON, "id_no", "status = case when {dice} = 0 then '2' else '1' end"),
    "education.student": (4, PERSON, "id_no", "absent_days = case when {dice} = 0 then 12 else 0 end"),
    "civil.dibao": (5, PERSON, "id_no", "ended_on = case when {dice} < 3 then date '{month}-10' end"),
    "civil.destitute": (6, PERSON, "id_no", "ended_on = case when {dice} < 3 then date '{month}-10' end"),
    "civil.edge": (7, PERSON, "id_no", "ended_on = case when {dice} < 3 then date '{month}-10' end"),
    "housing.house": (8, PERSON, "house_no", "grade = case when {dice} = 0 then 'C' else 'A' end"),
    "water.household": (9, "t.household_no in (select household_no from chosen)", "account_no",
                        "litres = case when {dice} = 0 then 12 else 60 end"),
    "water.works": (15, "t.row_no % {share} = {turn} % {share}", "works_no", "households = households + 1"),
    "water.complaint": (16, "t.row_no % {share} = {turn} % {share}", "complaint_no", "closed_on = null"),
    "housing.renovation": (11, "t.house_no in (select 'F' || h from chosen)", "project_no",
                           "subsidy = subsidy + {dice}"),
    "civil.relief": (17, PERSON, "relief_no", "amount = amount + {dice}"),
    "civil.disability": (18, PERSON, "id_no", "grade = case when {dice} = 0 then '1' else '4' end"),
    "insurance.settlement": (31, PERSON, "settlement_no",
                             "self_total = case when {dice} = 0 then 2200000 else 1000 end"),
}
CHOOSE = """create temp table chosen as
select m.household_no, m.id_no, (m.row_no - 1) / 4 + 1 as h from feed.register_member as m
where m.county = {county} and m.submission = 2 and {which};
analyze chosen;
"""
TOWNSHIP = "((m.row_no - 1) / 4) % {share} = {turn} % {share}"
SCATTERED = "m.row_no % {share} = {turn} % {share}"
CHANGE = """create temp table changed (like feed.{table});
insert into changed select t.* from feed.{table} as t
where t.county = {county} and t.submission = {base} and {where};
update changed set submission = {number}, {change};
insert into feed.{table} select * from changed;
insert into ops.submission (county, submission, uuid, channel, epoch, first_seq, last_seq, producer,
    record_type, period, kind, wanted_revision, revision, nil, digest, state, expected_rows,
    expected_unresolved, expected_batches, rows, stored)
select {county}, {number}, decode(md5('{number}'), 'hex'), 'c', '\\x00', {number}, {number}, 'one',
       '{type}', '{month}-01', 'delta', 0, {number}, false, '\\x00', 'visible', count(*), 0, 1, count(*),
       count(*)
from changed;
drop table changed;
"""


def delta(turn, share, types, which):
    """SQL that sends changes of a list each, of one in `share` of a county's households (TOWNSHIP) or
    members, each in another household (SCATTERED); turns above 0 choose others."""
    fills = {"county": COUNTY, "month": MONTH, "share": share, "turn": turn}
    text = CHOOSE.format(which=which.format(**fills), **fills)
    for at, name in enumerate(types):
        base, where, key, change = LISTS[name]
        dice = KEYED.format(key=key, **fills)
        text += CHANGE.format(table=name.replace(".", "_"), type=name, base=base, number=100 * turn + at,
                              where=where.format(**fills), change=change.format(dice=dice, **fills),
                              **fills)
    return text

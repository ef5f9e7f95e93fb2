-- telling: the texts of an event besides its findings' own words: the month it rests on, the record
-- types missing then, the rows behind it, and the persons it is about. Everything that an event shows is
-- part of the digest by which the next event is due, so the last event is always true of the present.
-- $1 county
create temp table telling on commit drop as
with evidence as (
    select h.case_id,
           string_agg(concat_ws('/', h.rule, h.subject_ref, h.month, source ->> 'record_type',
               s.producer, s.period, s.revision, source ->> 'row_no'), E'\n'
               order by h.rule, h.subject, place) as text
    from held as h
    join caught as f on f.month = h.month and f.rule = h.rule and f.subject = h.subject
    cross join jsonb_array_elements(f.sources) with ordinality as each (source, place)
    join ops.submission as s on s.county = $1
        and s.submission = (source ->> 'submission')::integer
    group by h.case_id
), head as (
    select distinct on (m.household_no) m.household_no, concat_ws('/', m.id_no, m.name) as text
    from concerned_member as m
    where m.relation = '户主' and m.household_no in (select household_no from stand)
    order by m.household_no, m.status = '1' desc, m.submission, m.row_no
), known as (
    select distinct on (m.id_no) m.id_no, concat_ws('/', m.id_no, m.name, m.relation) as text
    from concerned_member as m
    where m.id_no in (select person from held)
    order by m.id_no, m.submission, m.row_no
), concerned as (
    select h.case_id, string_agg(distinct k.text, E'\n') as text
    from held as h
    join known as k on k.id_no = h.person
    group by h.case_id
), lacking as (
    select t.seq, string_agg(distinct type, ',' order by type) as text
    from match.run as r
    join timeline as t on t.month = r.month
    cross join unnest(r.missing) as type
    where r.county = $1
    group by t.seq
)
select s.case_id,
       concat_ws(E'\n', now.month, lacking.text, coalesce(home.area, s.area), head.text, concerned.text,
           evidence.text) as text
from stand as s
join timeline as now on now.seq = s.at
left join evidence on evidence.case_id = s.case_id
left join concerned_household as home on home.household_no = s.household_no
left join head on head.household_no = s.household_no
left join concerned on concerned.case_id = s.case_id
left join lacking on lacking.seq = s.at

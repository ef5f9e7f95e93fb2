-- found: one row a rule and subject, with the highest severity and every source.
-- $1 and $2 what HMAC puts before the inner and the outer message
-- $3 rules, $4 their versions, $5 subject types, $6 routes
create temp table found on commit drop as
with ranked as (
    select *, row_number() over (partition by rule, subject
               order by array_position(array['red', 'yellow', 'green'], severity),
                        urgent desc, sources, "values"::text) as place
    from found_row
), source as (
    select rule, subject, jsonb_agg(jsonb_build_object(
               'record_type', split_part(source, '/', 1),
               'submission', split_part(source, '/', 2)::integer,
               'row_no', split_part(source, '/', 3)::integer) order by first, source) as sources
    from (
        select rule, subject, source, min(place) as first
        from found_row, unnest(sources) with ordinality as s (source, place)
        group by rule, subject, source
    ) as once
    group by rule, subject
), linked as (
    -- A finding rests on its weakest row: one linked by its score before one linked by a combination.
    select distinct on (f.rule, f.subject) f.rule, f.subject, l.how, l.weight
    from found_row as f
    cross join unnest(f.sources) as source
    join link_row as l
        on source = l.record_type || '/' || l.submission || '/' || l.row_no
        and l.band = 'linked' and not l.quarantined
    order by f.rule, f.subject, array_position(array[3, 2, 4, 1], l.pass::integer), l.weight, l.how
)
select r.rule, r.subject, r.household_no, r.person, r.area, r.severity, r."values",
       coalesce(s.sources, '[]') as sources, coalesce(l.how, r.link_pass) as link_pass,
       l.weight as link_weight, r.urgent,
       a.rule_version, a.subject_type, a.route,
       match.reference($1, $2, r.subject) as subject_ref,
       case when r.person is not null then
           match.reference($1, $2, r.person)
       end as person_ref
from ranked as r
join unnest($3::text[], $4::integer[], $5::text[], $6::text[])
    as a (rule, rule_version, subject_type, route) on a.rule = r.rule
left join source as s on s.rule = r.rule and s.subject = r.subject
left join linked as l on l.rule = r.rule and l.subject = r.subject
where r.place = 1

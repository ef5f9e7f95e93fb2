-- The clerical review: links as clerks see them, and their decisions with all that went before.
set role qs_match;

-- Every decision ever taken, with the link as it stood then: what the clerk saw. Never changed.
create table match.decision_log (
    county integer not null,
    decision integer not null,                -- from 1
    record_type text not null,
    submission integer not null,
    row_no integer not null,
    quarantined boolean not null,
    record_key text not null,
    id_no text not null,                      -- the member's number
    household_no text not null,
    month date not null,
    pass smallint not null,
    how text not null,
    band text not null,
    weight integer,                           -- of the last scored link between the two
    terms jsonb not null,
    model text not null,
    same boolean not null,
    reason text not null check (length(reason) >= 6),
    decided_by text not null,
    decided_at timestamptz not null,
    primary key (county, decision)
);
create index decision_log_row on match.decision_log (county, record_type, submission, row_no);
alter table match.decision_log enable row level security;
create policy own_counties on match.decision_log to qs_view
    using (county = any ((select ops.counties())::integer[]));
create policy every_county on match.decision_log to qs_match using (true) with check (true);

alter table match.decision add column decision integer; -- the last one of the log

-- What is no number or telephone in form says too much when only its middle is covered.
create or replace function match.mask_field(field text, value text) returns text
    language sql immutable parallel safe
    return case when value is null or value = '' then value else case field
        when 'name' then left(value, 1) || repeat('*', greatest(length(value) - 1, 1))
        when 'id_no' then case when value ~ '^[0-9]{17}[0-9X]$'
            then overlay(value placing '********' from 7 for 8) else '****' end
        when 'phone' then case when value ~ '^[0-9]{11}$'
            then overlay(value placing '****' from 4 for 4) else '****' end
        when 'address' then '****'
        else value end end;

reset role;
grant select on match.decision_log, match.reading to qs_view;

-- The links of a month. What was scored before a clerk confirmed it keeps its weights.
drop view match.review;
create view match.review_month as
select l.county, l.month, l.record_type, l.submission, l.row_no, l.quarantined, l.record_key,
       l.id_no, l.household_no, l.pass, l.how, l.band,
       case when l.how = 'clerk' then g.weight else l.weight end as weight,
       case when l.how = 'clerk' then g.terms else l.terms end as terms,
       case when l.how = 'clerk' then g.model else l.model end as model,
       d.same, d.reason, d.decided_by, d.decided_at,
       d.same is not null and d.submissions is null as pending, -- no judging knows of it
       null::integer as decision
from match.link as l
left join match.decision as d using (county, record_type, record_key, id_no)
left join match.decision_log as g on g.county = d.county and g.decision = d.decision;

-- The present links, of the newest month that has read the list, and decisions that left none.
create view match.review as
with newest as (
    select county, record_type, max(month) as month from match.reading group by county, record_type
)
select r.* from match.review_month as r join newest using (county, record_type, month)
union all
select g.county, g.month, g.record_type, g.submission, g.row_no, g.quarantined, g.record_key,
       g.id_no, g.household_no, g.pass, g.how, 'apart', g.weight, g.terms, g.model,
       d.same, d.reason, d.decided_by, d.decided_at, d.submissions is null, g.decision
from match.decision as d
join match.decision_log as g on g.county = d.county and g.decision = d.decision
left join newest as n on n.county = d.county and n.record_type = d.record_type
where not exists (
    select from match.link as l
    where l.county = d.county and l.month = n.month and l.record_type = d.record_type
        and l.record_key = d.record_key and l.id_no = d.id_no);

alter view match.review_month owner to qs_view;
alter view match.review owner to qs_view;
grant select (county, month, record_type, submission, row_no, quarantined, household_no, pass, how,
    band, weight, terms, model, same, reason, decided_by, decided_at, pending, decision)
    on match.review, match.review_month to qs_ops, qs_console;
grant select on match.review_month to qs_match;
-- Which decisions no judging has seen: the hub is not idle.
grant select (county, submissions) on match.decision to qs_ops;

set role qs_match;

-- What a clerk's ID stands for, in each of his counties: the newest link of the row, or the last
-- decision on it; with the number of a decision, the record and the member which that was about.
-- $1 county or null, $2 record type, $3 submission, $4 row, $5 number of a decision or null
create function match.review_find(integer, text, integer, integer, integer)
    returns setof match.review_month
    language sql stable security definer set search_path = pg_catalog as $$
    with mine as (
        select r.*, 1 as place
        from match.review_month as r
        where $5 is null and r.record_type = $2 and r.submission = $3 and r.row_no = $4
        union all
        select r.*, 1
        from match.decision_log as g
        join match.review_month as r using (county, record_type, record_key, id_no)
        where g.decision = $5 and g.record_type = $2 and g.submission = $3 and g.row_no = $4
        union all
        select g.county, g.month, g.record_type, g.submission, g.row_no, g.quarantined,
               g.record_key, g.id_no, g.household_no, g.pass, g.how, 'apart', g.weight, g.terms,
               g.model, d.same, d.reason, d.decided_by, d.decided_at,
               d.same is not null and d.submissions is null, g.decision, 2
        from match.decision_log as g
        left join match.decision as d using (county, record_type, record_key, id_no)
        where g.record_type = $2 and g.submission = $3 and g.row_no = $4
            and g.decision = coalesce($5, g.decision)
    )
    select distinct on (m.county) m.county, m.month, m.record_type, m.submission, m.row_no,
           m.quarantined, m.record_key, m.id_no, m.household_no, m.pass, m.how, m.band, m.weight,
           m.terms, m.model, m.same, m.reason, m.decided_by, m.decided_at, m.pending, m.decision
    from mine as m
    where m.county = any (ops.counties()) and ($1 is null or m.county = $1)
    order by m.county, m.place, m.month desc, m.quarantined, m.decision desc nulls last
$$;

-- A link with both records, field by field, in full or masked; numbers: whom a look-up shows.
create function match.review_full(integer, text, integer, integer, integer)
    returns table (county integer, month date, record_type text, submission integer,
        row_no integer, quarantined boolean, household_no text, pass smallint, how text, band text,
        weight integer, terms jsonb, model text, same boolean, reason text, decided_by text,
        decided_at timestamptz, pending boolean, decision integer, fields jsonb, numbers text[])
    language sql stable security definer set search_path = pg_catalog as $$
    select r.county, r.month, r.record_type, r.submission, r.row_no, r.quarantined,
           r.household_no, r.pass, r.how, r.band, r.weight, r.terms, r.model, r.same, r.reason,
           r.decided_by, r.decided_at, r.pending, r.decision, f.list, f.numbers
    from match.review_find($1, $2, $3, $4, $5) as r
    cross join lateral (
        select jsonb_agg(jsonb_build_object('field', b.field, 'record', b.record, 'member',
                   b.member) order by b.place) as list,
               array[r.id_no] || array_agg(b.record) filter (where b.field = 'id_no'
                   and b.record <> '' and b.record <> r.id_no) as numbers
        from match.link_records(r.county, r.record_type, r.submission, r.row_no, r.id_no)
            with ordinality as b (field, record, member, place)
    ) as f
$$;

create function match.review_masked(integer, text, integer, integer, integer)
    returns table (county integer, month date, record_type text, submission integer,
        row_no integer, quarantined boolean, household_no text, pass smallint, how text, band text,
        weight integer, terms jsonb, model text, same boolean, reason text, decided_by text,
        decided_at timestamptz, pending boolean, decision integer, fields jsonb, numbers text[])
    language sql stable security definer set search_path = pg_catalog as $$
    select r.county, r.month, r.record_type, r.submission, r.row_no, r.quarantined,
           r.household_no, r.pass, r.how, r.band, r.weight, r.terms, r.model, r.same, r.reason,
           r.decided_by, r.decided_at, r.pending, r.decision, f.list, null::text[]
    from match.review_full($1, $2, $3, $4, $5) as r
    cross join lateral (
        select jsonb_agg(jsonb_build_object('field', b.item ->> 'field',
                   'record', match.mask_field(b.item ->> 'field', b.item ->> 'record'),
                   'member', match.mask_field(b.item ->> 'field', b.item ->> 'member'))
                   order by b.place) as list
        from jsonb_array_elements(r.fields) with ordinality as b (item, place)
    ) as f
$$;

-- A clerk's word on a link: $6 one person, or two; $7 the reason; else as review_find. Outcome: done;
-- unknown, no such link; several, of more than one county; named, the reason names somebody. A clerk
-- may say that two good numbers which differ are one person's; no program may. A record is one
-- person's: a confirmation ends those for others.
create function match.decide(integer, text, integer, integer, integer, boolean, text)
    returns table (outcome text, county integer, household_no text, band text, differ boolean,
                   before boolean, before_by text, before_at timestamptz)
    language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
declare
    link record;
    number integer;
    found_count integer;
begin
    select count(*) into found_count from match.review_find($1, $2, $3, $4, $5);
    if found_count <> 1 then
        return query select case found_count when 0 then 'unknown' else 'several' end,
            null::integer, null::text, null::text, null::boolean, null::boolean, null::text,
            null::timestamptz;
        return;
    end if;
    select * into link from match.review_find($1, $2, $3, $4, $5);
    if $7 ~ '[0-9]{11}' or exists (
        select from match.link_records(link.county, $2, link.submission, link.row_no, link.id_no)
            as b, unnest(array[b.record, b.member]) as word
        where length(word) >= case b.field when 'name' then 2 else 6 end
            and b.field in ('name', 'id_no', 'phone', 'address') and position(word in $7) > 0) then
        return query select 'named', link.county, null::text, null::text, null::boolean,
            null::boolean, null::text, null::timestamptz;
        return;
    end if;
    -- One decision of a county after the other, so that they are numbered.
    perform pg_advisory_xact_lock(20820, link.county);
    select coalesce(max(g.decision), 0) + 1 into number
    from match.decision_log as g where g.county = link.county;
    insert into match.decision as d (county, record_type, record_key, id_no, same, reason,
        decision)
    values (link.county, $2, link.record_key, link.id_no, $6, $7, number)
    on conflict (county, record_type, record_key, id_no) do update
    set same = excluded.same, reason = excluded.reason, decided_by = excluded.decided_by,
        decided_at = excluded.decided_at, decision = excluded.decision, submissions = null;
    if $6 then
        delete from match.decision as d
        where d.county = link.county and d.record_type = $2 and d.record_key = link.record_key
            and d.id_no <> link.id_no and d.same;
    end if;
    insert into match.decision_log (county, decision, record_type, submission, row_no, quarantined,
        record_key, id_no, household_no, month, pass, how, band, weight, terms, model, same, reason,
        decided_by, decided_at)
    values (link.county, number, $2, link.submission, link.row_no, link.quarantined,
        link.record_key, link.id_no, link.household_no, link.month, link.pass, link.how, link.band,
        link.weight, link.terms, link.model, $6, $7, session_user, now());
    return query select 'done', link.county, link.household_no, link.band,
        coalesce(link.terms @> '[{"field": "number", "level": "different"}]', false),
        link.same, link.decided_by, link.decided_at;
end
$$;

revoke execute on function match.review_find(integer, text, integer, integer, integer),
    match.review_full(integer, text, integer, integer, integer),
    match.review_masked(integer, text, integer, integer, integer),
    match.decide(integer, text, integer, integer, integer, boolean, text) from public;
grant execute on function match.review_masked(integer, text, integer, integer, integer) to qs_ops;
grant execute on function match.review_full(integer, text, integer, integer, integer),
    match.decide(integer, text, integer, integer, integer, boolean, text) to qs_reveal;
-- Nobody asks for a member by number, or writes a decision without its place in the log.
revoke execute on function match.link_masked(integer, text, integer, integer, text) from qs_ops;
revoke execute on function match.link_records(integer, text, integer, integer, text) from qs_reveal;
revoke all on match.decision from qs_reveal;
drop policy own_counties on match.decision;
create policy own_counties on match.decision to qs_ops, qs_view
    using (county = any ((select ops.counties())::integer[]));
drop function match.link_masked(integer, text, integer, integer, text);
reset role;

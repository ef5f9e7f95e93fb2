-- Whose record it is where number and name do not say so: links of a month (rules.md, identity).
set role qs_match;

-- A row that pass 1 left open, and the member whom it is or may be.
create table match.link (
    county integer not null,
    month date not null,
    record_type text not null,
    submission integer not null,
    row_no integer not null,
    quarantined boolean not null,             -- could not be used: presence only
    record_key text not null,                 -- natural key; of a quarantined row, what could be read
    id_no text not null,                      -- the member's number
    household_no text not null,
    pass smallint not null check (pass between 1 and 4),  -- 4: a clerk's word
    how text not null,                        -- name_sound, name_household, name_phone, name_address, score, clerk
    band text not null check (band in ('linked', 'review', 'taken')),  -- taken: he has a row of his own
    weight integer,                           -- thousandths of a bit; null: not scored
    terms jsonb not null,                     -- [{field, level, weight}]; they add up to the weight
    model text not null,                      -- version
    primary key (county, month, record_type, submission, row_no, quarantined)
);

-- How many rows of a month pass 1 left open: while there are any, a change is judged whole.
create table match.linkage (
    county integer not null,
    month date not null,
    open_rows bigint not null,
    primary key (county, month)
);

alter table match.link enable row level security;
create policy own_counties on match.link to qs_ops, qs_console, qs_view
    using (county = any ((select ops.counties())::integer[]));
create policy every_county on match.link to qs_match using (true) with check (true);

-- How surely the weakest linked row behind a finding is linked: thousandths of a bit.
alter table match.finding add column link_weight integer;

-- A member who may stand in a list under another number or name cannot be called absent.
alter table match.withheld drop constraint withheld_why_check;
alter table match.withheld add constraint withheld_why_check
    check (why in ('quarantined', 'conflict', 'review'));

reset role;

-- What a case's findings rest on besides their values: what would have helped and was not there,
-- how old the rows are, and the rows that are linked by more than number and name.
grant usage on schema ops to qs_view;
grant select on match.run, match.link, ops.submission to qs_view;

create or replace view cases.finding_full as
select held.county, held.case_id, held.rule, held.month, held.since, held.rechecked,
       found.rule_version, found.severity, found.subject_type, found.subject, found.subject_ref,
       found."values", found.sources, found.link_pass, found.route, found.link_weight,
       run.unhelped, age.oldest, age.newest, coalesce(linked.list, '[]') as links
from cases.finding held
join match.finding found using (county, month, rule, subject)
left join match.run run using (county, month, rule)
left join lateral (
    select min(s.period) as oldest, max(s.period) as newest
    from jsonb_array_elements(found.sources) as source
    join ops.submission s on s.county = found.county
        and s.submission = (source ->> 'submission')::integer
) as age on true
left join lateral (
    select jsonb_agg(jsonb_build_object('record_type', l.record_type, 'submission', l.submission,
               'row_no', l.row_no, 'pass', l.pass, 'how', l.how, 'weight', l.weight,
               'terms', l.terms, 'model', l.model)
               order by l.record_type, l.submission, l.row_no) as list
    from jsonb_array_elements(found.sources) as source
    join match.link l on l.county = found.county and l.month = found.month
        and l.record_type = source ->> 'record_type'
        and l.submission = (source ->> 'submission')::integer
        and l.row_no = (source ->> 'row_no')::integer
        and l.band = 'linked' and not l.quarantined
) as linked on true;

create or replace view cases.finding_masked as
select county, case_id, rule, month, since, rechecked, rule_version, severity, subject_type,
       match.mask(subject, subject_type) as subject, subject_ref, "values", sources, link_pass,
       route, link_weight, unhelped, oldest, newest, links
from cases.finding_full;

-- What a clerk decided of a record and a member: it outlives the month, by the record's natural key.
set role qs_match;
create table match.decision (
    county integer not null,
    record_type text not null,
    record_key text not null,
    id_no text not null,                      -- the member's number
    same boolean not null,                    -- one person; false: two
    reason text not null check (length(reason) >= 6),
    decided_by text not null default session_user,
    decided_at timestamptz not null default now(),
    submissions integer[],                    -- that hold the record: months that read them are judged again; null: to be looked up
    primary key (county, record_type, record_key, id_no)
);
alter table match.decision enable row level security;
create policy own_counties on match.decision to qs_reveal, qs_ops, qs_view
    using (county = any ((select ops.counties())::integer[]))
    with check (county = any ((select ops.counties())::integer[]));
create policy every_county on match.decision to qs_match using (true) with check (true);
grant select, insert, update on match.decision to qs_reveal;

-- Both records of a link side by side, in full; whoever reads them sees his counties only.
create function match.link_records(county integer, record_type text, submission integer,
                                   row_no integer, id_no text)
    returns table (field text, record text, member text)
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    one jsonb;
    other jsonb;
begin
    if county <> all (ops.counties()) or record_type !~ '^[a-z]+\.[a-z]+$' then
        return;
    end if;
    execute format('select to_jsonb(r) from feed.%I as r where county = $1 and submission = $2'
        ' and row_no = $3', replace(record_type, '.', '_'))
        into one using county, submission, row_no;
    if one is null then
        select to_jsonb(q) into one from ops.quarantine as q
        where q.county = $1 and q.submission = $3 and q.row_no = $4;
    end if;
    select to_jsonb(h) || to_jsonb(m) into other
    from feed.register_member as m
    left join feed.register_household as h
        on h.county = m.county and h.household_no = m.household_no
    where m.county = $1 and m.id_no = $5 and not m.removed
    order by m.submission desc, h.submission desc nulls last limit 1;
    return query
        select f.name, one ->> f.name, other ->> f.name
        from unnest(array['name', 'id_no', 'phone', 'address', 'area', 'household_no'])
            with ordinality as f (name, place)
        order by f.place;
end
$$;

create function match.mask_field(field text, value text) returns text
    language sql immutable parallel safe
    return case field
        when 'name' then left(value, 1) || repeat('*', greatest(length(value) - 1, 1))
        when 'id_no' then overlay(value placing '********' from 7 for 8)
        when 'phone' then overlay(value placing '****' from 4 for 4)
        when 'address' then '****'
        else value end;

create function match.link_masked(county integer, record_type text, submission integer,
                                  row_no integer, id_no text)
    returns table (field text, record text, member text)
    language sql stable security definer set search_path = pg_catalog as $$
    select r.field, match.mask_field(r.field, r.record), match.mask_field(r.field, r.member)
    from match.link_records(county, record_type, submission, row_no, id_no) as r
$$;
revoke execute on function match.link_records(integer, text, integer, integer, text) from public;
revoke execute on function match.link_masked(integer, text, integer, integer, text) from public;
grant execute on function match.link_records(integer, text, integer, integer, text) to qs_reveal;
grant execute on function match.link_masked(integer, text, integer, integer, text) to qs_ops;
reset role;
grant execute on function ops.counties() to qs_match;

-- The queue, and every link of the newest month that has it.
create view match.review as
select distinct on (l.county, l.record_type, l.record_key, l.id_no)
       l.county, l.month, l.record_type, l.submission, l.row_no, l.quarantined, l.household_no,
       l.pass, l.how, l.band, l.weight, l.terms, l.model, d.same, d.decided_by, d.decided_at,
       l.record_key, l.id_no
from match.link as l
left join match.decision as d using (county, record_type, record_key, id_no)
order by l.county, l.record_type, l.record_key, l.id_no, l.month desc;
alter view match.review owner to qs_view;
grant select on match.decision, match.link to qs_view;
grant select (county, month, record_type, submission, row_no, quarantined, household_no, pass, how,
    band, weight, terms, model, same, decided_by, decided_at) on match.review to qs_ops, qs_console;
grant select on match.review to qs_reveal;

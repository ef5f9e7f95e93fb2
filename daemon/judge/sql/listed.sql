-- listed: members whom a list of civil affairs names at the end of the month.
-- $1 last day of the month
create temp table listed on commit drop as
select m.id_no, m.household_no, m.status = '1' as living,
       bool_or(list.kind = 1) as dibao,
       bool_or(list.kind = 2) as destitute,
       bool_or(list.kind = 3) as edge,
       min(list.started_on) filter (where list.kind = 1) as dibao_since,
       min(list.started_on) filter (where list.kind = 2) as destitute_since,
       array_agg(list.source order by list.kind, list.source) as sources
from (
    select 1 as kind, id_no, match.fold(name_key, name) as fold, started_on, ended_on,
           'civil.dibao/' || submission || '/' || row_no as source
    from content_civil_dibao
    union all
    select 2, id_no, match.fold(name_key, name), started_on, ended_on,
           'civil.destitute/' || submission || '/' || row_no
    from content_civil_destitute
    union all
    select 3, id_no, match.fold(name_key, name), started_on, ended_on,
           'civil.edge/' || submission || '/' || row_no
    from content_civil_edge
) as list
join content_register_member as m
    on m.id_no = list.id_no
    and (match.fold(m.name_key, m.name) = list.fold
         or match.one_apart(match.fold(m.name_key, m.name), list.fold))
where list.started_on <= $1 and (list.ended_on is null or list.ended_on > $1)
group by m.id_no, m.household_no, m.status

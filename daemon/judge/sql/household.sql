-- household_row: one row a household of the register, with counts and sums over its members.
-- $1 county, $2 first and $3 last day of the month, $4 basic pension and $5 job cost are excluded
create temp table household_row on commit drop as
select h.household_no, h.area, h.category, h.identified_on, h.eliminated_on, h.no_labour,
       h.relocated, h.risks,
       h.category in ('2', '3', '4') and (h.identified_on is null or h.identified_on <= $3)
           and (h.eliminated_on is null or h.eliminated_on > $3) as monitored,
       h.category = '1' or (h.category = '2' and h.eliminated_on is not null
           and h.eliminated_on <= $3) as alleviated,
       coalesce(list.covered, false) as covered,
       coalesce(list.edge, false) as edge,
       coalesce(m.members, 0) as members,
       coalesce(m.living, 0) as living,
       coalesce(m.resident, 0) as resident,
       coalesce(m.self_total, 0) as self_total,
       h.income_month, h.wage, h.production, h.property, h.transfer, h.production_cost,
       h.basic_pension, h.job_cost,
       case when h.income_month >= $2::date - interval '15 months' then
           h.wage + h.production - h.production_cost + h.property + h.transfer
           - case when $4 then coalesce(h.basic_pension, 0) else 0 end
           - case when $5 then coalesce(h.job_cost, 0) else 0 end
       end as income,
       h.submission, h.row_no
from content_register_household as h
left join (
    select r.household_no, count(*)::integer as members,
           (count(*) filter (where r.status = '1'))::integer as living,
           (count(*) filter (where r.status = '1'
               and (r.residence is null or left(r.residence, 6) = $1)))::integer as resident,
           (sum(spent.self_total) filter (where r.status = '1'))::bigint as self_total
    from content_register_member as r
    left join spent on spent.id_no = r.id_no
    group by r.household_no
) as m on m.household_no = h.household_no
left join (
    select household_no, bool_or(living and (dibao or destitute)) as covered,
           bool_or(living and edge) as edge
    from listed
    group by household_no
) as list on list.household_no = h.household_no

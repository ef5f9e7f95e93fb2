-- spent: what each member paid himself in the twelve months to the end of the month.
-- $1 first day of the twelve months, $2 last day
create temp table spent on commit drop as
select m.id_no, sum(s.self_total)::bigint as self_total
from content_insurance_settlement as s
join content_register_member as m
    on m.id_no = s.id_no
    and (coalesce(m.name_key, m.name) = coalesce(s.name_key, s.name)
         or match.one_apart(coalesce(m.name_key, m.name), coalesce(s.name_key, s.name)))
where s.discharged_on between $1 and $2
    and s.reversal_of is null
    and not exists (
        select from content_insurance_settlement as reversal
        where reversal.reversal_of = s.settlement_no)
group by m.id_no

-- settlement_row: members' settlements of the twelve months to the end of the month that count: neither a
-- reversal nor reversed. Linked once, since several rules read them.
-- $1 first day of the twelve months, $2 last day
create temp table settlement_row on commit drop as
select m.id_no, m.household_no, m.status = '1' as living, s.settlement_no, s.kind,
       s.discharged_on, s.in_scope, s.basic_paid, s.self_total, s.tilted,
       match.fold(m.name_key, m.name) = match.fold(s.name_key, s.name) as same_name,
       s.submission, s.row_no
from content_insurance_settlement as s
join content_register_member as m
    on m.id_no = s.id_no
    and (match.fold(m.name_key, m.name) = match.fold(s.name_key, s.name)
         or match.one_apart(match.fold(m.name_key, m.name), match.fold(s.name_key, s.name)))
where s.discharged_on between $1 and $2
    and s.reversal_of is null
    and not exists (
        select from content_insurance_settlement as reversal
        where reversal.reversal_of = s.settlement_no)

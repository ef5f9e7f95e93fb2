-- party_register_household, party_register_member: the register's rows of the households and persons in
-- `party`, and of the households' heads; content_register_* is read from these tables.
create temp table party_register_household on commit drop as
select h.*
from (select distinct household_no from party order by household_no) as p
join feed.register_household as h on h.household_no = p.household_no
where h.county = {county} and h.submission = any({submissions});

create temp table party_register_member on commit drop as
select m.*
from (
    select person from party
    union
    select m.id_no
    from (select distinct household_no from party order by household_no) as p
    join feed.register_member as m on m.household_no = p.household_no
    where m.county = {county} and m.submission = any({submissions}) and m.relation = '户主'
    order by 1
) as p
join feed.register_member as m on m.id_no = p.person
where m.county = {county} and m.submission = any({submissions});

analyze party_register_household, party_register_member

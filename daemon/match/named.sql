-- named: the members whose rows a month's lists may hold; of a scope, its own.
create temp table named on commit drop as
select id_no, name, coalesce(name_key, name) as fold, household_no, relation = '户主' as head
from content_register_member;
analyze named

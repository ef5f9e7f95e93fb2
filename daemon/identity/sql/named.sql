-- named: the members whose rows the lists may hold; of an affected set a view, since they are few.
create {form} named {keep} as
select id_no, name, match.fold(name_key, name) as fold, household_no, relation = '户主' as head
from content_register_member

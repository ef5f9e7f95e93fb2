-- named: the members of the register, by number, with the folded name; of an affected set a view, since
-- its members are few.
create {form} named {keep} as
select id_no, name, match.fold(name_key, name) as fold, household_no, relation = '户主' as head
from content_register_member

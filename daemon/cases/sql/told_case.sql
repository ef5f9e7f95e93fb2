-- told_case: the cases of the keys in affected_key as they were told last; when every case is told, a
-- view of all cases.
create {form} told_case {keep} as select * from cases."case" where county = {county}{keys}

-- told_case: cases as they were told last, of the same keys.
create {form} told_case {keep} as select * from cases."case" where county = {county}{keys}

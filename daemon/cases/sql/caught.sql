-- caught: the findings of the keys that are told; of all keys a view.
create {form} caught {keep} as select * from match.finding where county = {county}{keys}

-- caught: the findings of the keys in affected_key; when every case is told, a view of all findings.
create {form} caught {keep} as select * from match.finding where county = {county}{keys}

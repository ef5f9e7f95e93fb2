-- raw_<type>, every_<type>: the rows that count of a record type's content, as they came; every_ those
-- of everybody beside the raw_ of an affected set.
create {form} {kind}_{type}{suffix} {keep} as {rows}

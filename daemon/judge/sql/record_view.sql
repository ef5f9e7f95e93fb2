-- <type>: what rules see of a record type, its fields without names, telephones and addresses, the
-- source, and whose row it is. Lists of households are tables, since several rules read whose row it is.
create temp {form} {type}{suffix} {keep} as
select {columns} from content_{type}{suffix} as r{joins}

-- The views that rules may read.
grant select on household, person, civil_list, settlement, audit, standard, contributing,
    register_household_before{types} to qs_rule

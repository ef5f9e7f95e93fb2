-- The members of everybody, as `named` gives those of an affected set.
(select id_no, name, match.fold(name_key, name) as fold, household_no from every_register_member)

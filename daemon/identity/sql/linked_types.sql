-- The record types that have linked rows.
select distinct record_type from link_row where band = 'linked' and not quarantined

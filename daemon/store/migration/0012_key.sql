-- Rows by their natural key, for lists whose key does not say whom a row is about: what else stands
-- under a changed row's key is asked for each of them, and for whoever is judged with them.
set role qs_ingest;
create index insurance_settlement_key on feed.insurance_settlement (county, settlement_no);
create index housing_house_key on feed.housing_house (county, house_no);
create index housing_renovation_key on feed.housing_renovation (county, project_no);
create index housing_renovation_house on feed.housing_renovation (county, house_no);
create index water_household_key on feed.water_household (county, account_no);
create index civil_relief_key on feed.civil_relief (county, relief_no);
reset role;

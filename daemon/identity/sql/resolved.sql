-- resolved: the rows that are linked or in doubt, as what follows reads them.
create temp table resolved on commit drop as
select record_type, submission, row_no, quarantined, id_no, fold, household_no, pass, how, band,
       weight
from scored
where band <> 'apart'

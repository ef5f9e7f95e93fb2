-- link_row of the whole month: the rows of `scored`.
insert into link_row
select record_type, submission, row_no, quarantined, id_no, fold, household_no, pass, how, band,
       weight
from scored
where band <> 'apart'

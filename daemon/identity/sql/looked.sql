-- looked: which rows of an affected set are looked at again.
create or replace temp view looked as
select record_type, submission, row_no, id_no from ({lists}) as r

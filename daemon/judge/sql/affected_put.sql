-- Put the rows of a query into affected_<type>, unless they are there already.
insert into {name}
select * from ({rows} offset 0) as t
where (submission, row_no) not in (select submission, row_no from {name})

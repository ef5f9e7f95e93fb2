-- Put the rows of a query into affected_<type> where they are not yet.
insert into {name}
select * from ({rows} offset 0) as t
where (submission, row_no) not in (select submission, row_no from {name})

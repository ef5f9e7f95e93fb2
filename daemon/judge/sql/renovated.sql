-- renovated: houses whose renovation changed, by whatever list of houses counts. Of houses that changed
-- themselves the owners are known.
-- $1 county, $2 submissions
create temp table renovated on commit drop as
select * from {table}
where county = $1 and submission = any($2::integer[])
    and house_no in (select house_no from affected_house except select house_no from affected_{type})

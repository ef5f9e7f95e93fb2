-- How many persons and households the affected set holds, and whether a round has brought any.
-- $1 the round before
select (select count(*) from affected_person), (select count(*) from affected_household),
       exists (select from affected_person where round > $1)
           or exists (select from affected_household where round > $1)

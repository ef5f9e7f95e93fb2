-- rehoused: the rows of members whom the month's submissions hold more than once; `newest`: of its
-- producer's rows; `first`: the household that the producer gave the member first since it last deleted
-- the member.
-- $1 county, $2 submissions
create temp table rehoused on commit drop as
select submission, row_no, id_no, household_no, producer, newest,
       first_value(household_no) over (partition by producer, id_no, deleted order by place) as first
from (
    select said.*, row_number() over (chain order by place desc) = 1 as newest,
           count(*) filter (where removed) over (chain order by place) as deleted
    from (
        select m.*, s.producer, array[ops.month_number(s.period), s.revision] as place,
               count(*) over (partition by m.id_no) as rows
        from feed.register_member as m
        join ops.submission as s on s.county = m.county and s.submission = m.submission
        where m.county = $1 and m.submission = any($2::integer[])
    ) as said
    where rows > 1
    window chain as (partition by producer, id_no)
) as told
where not removed

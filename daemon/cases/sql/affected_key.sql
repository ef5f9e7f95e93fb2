-- affected_key: the keys whose cases can look different from how they were told: those of match.touched;
-- when a month is new or is published now, the keys of open cases and of the month's findings, too.
-- $1 county, $2 newest month published before, $3 newest one published now; null: none
create temp table affected_key on commit drop as
select key from match.touched where county = $1
union
select c.key from cases."case" as c, match.county as k
where c.county = $1 and k.county = $1 and (k.spread or $2::date is distinct from $3::date)
    and c.cleared is null and c.state <> 'WITHDRAWN'
union
select f.key from match.finding as f
where f.county = $1 and f.month > coalesce($2, '-infinity') and f.month <= $3 and f.key is not null
union
select f.key from match.withheld as w
join match.finding as f on f.county = $1 and f.rule = w.rule and f.subject = w.subject
where w.county = $1 and w.month > coalesce($2, '-infinity') and w.month <= $3 and f.key is not null

-- Note how many submissions this judging knew: one who waits sees by it that all are judged.
-- $1 county, $2 submissions
insert into match.county as c (county, due, seen) values ($1, false, $2)
on conflict (county) do update set seen = excluded.seen
where c.seen <> excluded.seen

-- Whether cases are to be derived, or a settled month to be published: once every earlier one is settled.
-- $1 county
select exists (select from match.county where county = $1 and due) or exists (
    select from match.month as m
    where m.county = $1 and m.settled and not m.published
        and not exists (
            select from match.month as e
            where e.county = $1 and e.month < m.month and not e.settled))

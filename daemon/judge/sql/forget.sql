-- Forget the runs of rules that are off; when the month's rules are not those of before, every case
-- must be derived again.
-- $1 county, $2 month, $3 the rules that are on
with old as (
    select rule from match.run where county = $1 and month = $2
), gone as (
    delete from match.run where county = $1 and month = $2 and rule <> all($3::text[])
)
update match.county set full_due = true
where county = $1 and not full_due and exists (select from old) and (
    exists (select from old where rule <> all($3::text[]))
    or exists (select from unnest($3::text[]) as on_now (rule)
               where on_now.rule not in (select rule from old)))

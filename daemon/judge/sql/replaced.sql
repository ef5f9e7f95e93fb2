-- replaced: the month's findings in whose place the rows of `found` come.
create temp table replaced on commit drop as
select rule, subject, key from match.finding
where county = {county} and month = '{month}'{held}

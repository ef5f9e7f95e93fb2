-- released: likewise the subjects that were withheld.
create temp table released on commit drop as
select w.rule, w.subject from match.withheld as w{held}
where w.county = {county} and w.month = '{month}'

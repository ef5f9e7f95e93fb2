-- Persons who name a subject of `subject` in a list, under a name in `shifted`.
union
select t.id_no
from {table} as t
where t.county = {county} and t.submission = any('{submissions}'::integer[])
    and t.{column} in (select subject from subject)
    and match.fold(t.name_key, t.name) in (select fold from shifted)

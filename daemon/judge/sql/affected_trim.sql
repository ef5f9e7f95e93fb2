-- Delete findings about subjects outside the affected set: not all of their rows are there.
-- $1 rules about people, households and houses, $2 their subject types
delete from found_row as f
using unnest($1::text[], $2::text[]) as a (rule, subject_type)
where a.rule = f.rule
    and (a.subject_type, f.subject) not in (select subject_type, subject from affected_subject)

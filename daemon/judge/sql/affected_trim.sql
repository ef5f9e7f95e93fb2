-- Leave out what was found about anybody outside the affected set: his rows may not all be there.
-- $1 rules about people, households and houses, $2 their subject types
delete from found_row as f
using unnest($1::text[], $2::text[]) as a (rule, subject_type)
where a.rule = f.rule
    and (a.subject_type, f.subject) not in (select subject_type, subject from affected_subject)

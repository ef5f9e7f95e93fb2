-- What many queries say is said once: a folded name, a subject's reference; and a rule's family, which
-- was the first letter of its id.
set role qs_match;

-- The folded name: kept only where it differs from the name.
create function match.fold(name_key text, name text) returns text
    language sql immutable parallel safe as 'select coalesce(name_key, name)';

-- HMAC-SHA-256 of a subject in hexadecimal digits, from what comes before the inner and the outer
-- message (daemon/judge/reference.h).
create function match.reference(inner_pad bytea, outer_pad bytea, subject text) returns text
    language sql immutable parallel safe as
    $$select encode(sha256(outer_pad || sha256(inner_pad || convert_to(subject, 'UTF8'))), 'hex')$$;

alter table match.run add column family text; -- the trouble that the rule speaks of; two make X01
update match.run set family = case left(rule, 1) when 'M' then 'medical' when 'E' then 'education'
    when 'H' then 'housing' when 'W' then 'water' when 'C' then 'civil' end
where rule <> 'C07';
reset role;

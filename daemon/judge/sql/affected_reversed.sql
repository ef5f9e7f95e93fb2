-- The persons whose settlements the reversals in changed_row name.
(select id_no
 from {table}
 where county = {county} and submission = any('{submissions}'::integer[])
     and {key} in (select {cancels} from changed_row where {cancels} is not null))

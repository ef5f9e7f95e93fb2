to_jsonb(o) - '{submission,row_no}'::text[] <> to_jsonb(r) - '{submission,row_no}'::text[]

-- A later row names the same number, name or household.
    and not exists (
        select from {table} as mended
        where mended.county = $2 and mended.submission = any($4::integer[])
            and mended.submission > q.submission and ({same}))

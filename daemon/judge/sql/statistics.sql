-- Renew a feed table's statistics when they say too little about the rows that it holds now.
-- $1 table, $2 a table is stale when one row in so many has changed
select feed.refresh_statistics($1::regclass)
from pg_class
join pg_stat_all_tables on relid = pg_class.oid
where pg_class.oid = $1::regclass
    and (reltuples < 0 or n_mod_since_analyze > 1000 + reltuples / $2::integer)

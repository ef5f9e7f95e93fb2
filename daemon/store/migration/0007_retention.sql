-- Rows of old months go, what was found in them stays. When is for qianshaod to know (retention.h).
set role qs_ingest;

alter table ops.submission add column dropped_at timestamptz; -- its rows are gone
create index submission_dropped on ops.submission (county, period) where dropped_at is not null;

-- Drop a submission's rows, and what could be read of those that were quarantined. The feed tables
-- are the ingest role's, and the judge may do this and no more: not within sixteen months.
create function ops.drop_rows(of_county integer, of_submission integer) returns bigint
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    feed text;
    dropped bigint;
begin
    update ops.submission s set dropped_at = now()
    where s.county = of_county and s.submission = of_submission and s.state = 'visible'
        and s.dropped_at is null
        and s.period < (select max(n.period) from ops.submission n
                        where n.county = of_county and n.state = 'visible') - interval '15 months'
    returning replace(s.record_type, '.', '_') into feed;
    if feed is null then
        return 0;
    end if;
    execute format('delete from feed.%I where county = $1 and submission = $2', feed)
        using of_county, of_submission;
    get diagnostics dropped = row_count;
    delete from ops.quarantine q where q.county = of_county and q.submission = of_submission;
    update ops.batch b set raw = null
    where b.county = of_county and b.submission = of_submission and b.raw is not null;
    return dropped;
end
$$;
revoke execute on function ops.drop_rows(integer, integer) from public;
grant execute on function ops.drop_rows(integer, integer) to qs_match;
reset role;

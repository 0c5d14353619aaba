-- Return who is on shift or on call between two moments: ids and times. For the worker, and for administrators of the
-- line, who otherwise read no shift: they see whom a notice would reach. Nothing says why somebody is absent.
create or replace function notices_on_duty(from_time timestamptz, until_time timestamptz)
returns table (user_id bigint, starts_at timestamptz, ends_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if coalesce(acting.role(), '') not in ('system/worker', 'hotline/administrator') then
        raise exception 'only the worker and administrators see who can be notified' using errcode = '42501';
    end if;
    return query select s.user_id::bigint, s.starts_at, s.ends_at from roster_shift s
        where s.cancelled_at is null and s.starts_at < until_time and s.ends_at > from_time;
end
$$;

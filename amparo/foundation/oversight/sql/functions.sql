-- Each function of this schema checks who is acting, or can be called by one role only.
create schema if not exists oversight;
grant usage on schema oversight to public;

-- Inspects newly sealed entries and raises alerts about them; returns live notifications. Called by the sealer alone.
create or replace function audit.watch(entries bigint[]) returns setof text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  e public.audit_entry%rowtype;
begin
  for e in
    select w.* from public.audit_entry w where w.id = any (entries) and w.user_id > 0
      and (w.what in ('open_file', 'move_event', 'move_spot')
        or w.key in (select c.key_id from public.oversight_canary c))
    order by w.number
  loop
    if exists (select from public.oversight_canary c where c.key_id = e.key and c.marked_at < e.at) then
      return query select * from oversight.raise_alert('canary', e.user_id, e.at, 2);
    end if;
    -- Counts in the order of sealing, so that a late entry is not missed and none counts twice.
    if e.what = 'open_file' and 25 <= (
      select count(distinct o.key) from public.audit_entry o where o.what = 'open_file'
        and o.user_id = e.user_id and o.at > e.at - interval '7 days' and o.number <= e.number)
    then
      return query select * from oversight.raise_alert('budget', e.user_id, e.at, 1);
    end if;
    -- Whoever corrects one event again and again may be trying out when a contact began (decision 0048).
    if e.what in ('move_event', 'move_spot') and 5 <= (
      select count(*) from public.audit_entry o where o.what = e.what and o.about = e.about
        and o.at > e.at - interval '1 day' and o.number <= e.number)
    then
      return query select * from oversight.raise_alert('moved', e.user_id, e.at, 1);
    end if;
  end loop;
end
$$;

-- Makes these keys canaries, or ends that; returns how many changed. Called by the worker alone.
create or replace function oversight.mark(files uuid[], is_one bool) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare changed bigint;
begin
  if acting.role() is distinct from 'system/worker' then
    raise exception 'only the worker marks a canary' using errcode = '42501';
  end if;
  if is_one then
    insert into public.oversight_canary (key_id, marked_at) select unnest(files), clock_timestamp()
    on conflict do nothing;
  else
    delete from public.oversight_canary where key_id = any (files);
  end if;
  get diagnostics changed = row_count;
  return changed;
end
$$;

-- For published figures: a canary is no person who called. No other role may call it.
create or replace function oversight.is_canary(file uuid) returns bool
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select exists (select from public.oversight_canary where key_id = file)
$$;

-- Raises at most one alert a day about a person: to other agencies with people who watch; otherwise to their own.
-- Returns the live notifications.
create or replace function oversight.raise_alert(kind text, who int, at timestamptz, agencies int) returns setof text
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with person as (
    select u.id, u.agency_id from public.access_user u
    where u.id = raise_alert.who and not exists (
      select from public.oversight_alert a
      where a.about_id = u.id and a.kind = raise_alert.kind and a.at > raise_alert.at - interval '24 hours')
  ), others as (
    select w.agency_id from public.access_user w, person p
    where w.agency_id <> p.agency_id and w.is_active and w.role in ('supervisor', 'auditor', 'administrator')
    group by w.agency_id order by w.agency_id limit raise_alert.agencies
  ), addressed as (
    select agency_id from others union all select agency_id from person where not exists (select from others)
  )
  insert into public.oversight_alert (kind, about_id, at, to_agency_id, answer)
  select raise_alert.kind, raise_alert.who, raise_alert.at, agency_id, '' from addressed
  returning 'alert ' || id
$$;

do $$
declare
    owner text := current_user;
begin
    revoke execute on function audit.watch, oversight.is_canary, oversight.raise_alert from public;
    execute format('grant execute on function audit.watch to %I', current_database() || '_sealer');
    execute format('grant execute on function oversight.is_canary to %I', current_database() || '_gatekeeper');
    -- Only the functions above, which run under the owner's name.
    drop policy if exists owner_marks on oversight_canary;
    drop policy if exists owner_raises on oversight_alert;
    drop policy if exists owner_reads on oversight_alert;
    execute format('create policy owner_marks on oversight_canary to %I using (true) with check (true)', owner);
    execute format('create policy owner_raises on oversight_alert for insert to %I with check (answered_at is null)', owner);
    execute format('create policy owner_reads on oversight_alert for select to %I using (true)', owner);
end
$$;

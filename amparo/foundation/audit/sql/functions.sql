-- The schema that everybody may enter: its functions check who is acting, not which role is connected.
create schema if not exists audit;
grant usage on schema audit to public;

-- Appends one ledger entry for the current actor.
create or replace function audit.append(what text, about text, fields text[], key uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into public.audit_entry (at, user_id, agency_id, role, purpose, what, about, fields, key)
  select clock_timestamp(), who[1]::int, who[2]::int, who[3], who[4], what, about, fields, key
  from acting.claims() who  -- without a context no row but one of nulls, which the table refuses
$$;

-- True if the current actor is an auditor of the hotline or a ministry. Others appoint their auditors alone.
create or replace function audit.is_auditor() returns bool
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(acting.role() in ('hotline/auditor', 'ministry/auditor'), false)
$$;

-- The newest entries about these files, for auditors and for actors who may open them.
create or replace function audit.entries_about(files uuid[], how_many int) returns setof audit_entry
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select entry.* from unnest(files) as file join public.audit_entry entry on entry.key = file
  where audit.is_auditor() or audit.may_open(file)
  order by entry.id desc limit how_many
$$;

-- The newest entries before this one, for auditors.
create or replace function audit.entries_before(entry bigint, how_many int) returns setof audit_entry
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select * from public.audit_entry where id < entry and audit.is_auditor() order by id desc limit how_many
$$;

-- What people did and looked at between two times, for auditors. The same thing done to the same file again within five
-- minutes is one: a page reads its parts at once, and an open page asks again every few seconds. All looks at one file
-- are the same thing.
create or replace function audit.looks(begins timestamptz, ends timestamptz)
returns table (
    user_id int, role text, purpose text, did text[], about text, file uuid, since timestamptz, until timestamptz,
    times bigint, first_number bigint, last_number bigint
)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with entries as (
    select e.id, e.user_id, e.role collate "C" as role, e.purpose collate "C" as purpose, e.key, e.at, e.number,
      e.about collate "C" as about, e.what || ' ' || split_part(e.about, ' ', 1) collate "C" as deed,
      case when e.what = 'look' then 'look' else e.what || ' ' || split_part(e.about, ' ', 1) end collate "C" as act,
      coalesce(e.key::text, e.about) collate "C" as on_what
    from public.audit_entry e where e.at >= begins and e.at < ends and audit.is_auditor()
  ), apart as (
    select *, (at - lag(at) over same < interval '5 minutes') is not true as is_new
    from entries window same as (partition by entries.user_id, on_what, act, entries.role, entries.purpose order by id)
  ), runs as (
    select *, count(*) filter (where is_new) over
      (partition by apart.user_id, on_what, act, apart.role, apart.purpose order by id) as run
    from apart
  )
  select r.user_id, r.role, r.purpose, array_agg(distinct r.deed), min(r.about), min(r.key::text)::uuid,
    min(r.at), max(r.at), count(*), min(r.number), max(r.number)
  from runs r group by r.user_id, r.on_what, r.act, r.role, r.purpose, r.run order by max(r.id) desc
$$;

-- The looks between two times, with the hour of the day in `zone` in which each began, with what was done if this person
-- never did it before, and whether it is another file than those of the person's other looks. `habits` has what each
-- person does, by their id; null in `first_did`: they did such things before, or have no habit.
create or replace function audit.looks_compared(begins timestamptz, ends timestamptz, zone text, habits jsonb)
returns table (
    user_id int, role text, purpose text, did text[], about text, file uuid, since timestamptz, until timestamptz,
    times bigint, first_number bigint, last_number bigint, hour int, first_did text[], is_another_file boolean
)
language sql stable as $$
  select l.*, extract(hour from l.since at time zone zone)::int,
    case when ((habits -> l.user_id::text) ?| l.did) is false then l.did end,
    l.file is not null and row_number() over (partition by l.user_id, l.file) = 1
  from audit.looks(begins, ends) l
$$;

-- What each person usually does, from the days between two times on which they did anything; for auditors. `usual` and
-- `most` are numbers of files on a day, `hours` the hours of the day in `zone`, `did` the verbs with their nouns.
create or replace function audit.habits(begins timestamptz, ends timestamptz, zone text)
returns table (user_id int, days bigint, usual float8, most bigint, hours int[], did text[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with done as materialized (
    select distinct e.user_id, (e.at at time zone zone)::date as day,
      extract(hour from e.at at time zone zone)::int as hour, e.key,
      e.what || ' ' || split_part(e.about, ' ', 1) collate "C" as act
    from public.audit_entry e where e.at >= begins and e.at < ends and e.user_id > 0 and audit.is_auditor()
  ), opened as (select distinct d.user_id, d.day, d.key from done d
  ), daily as (select o.user_id, o.day, count(o.key) as files from opened o group by o.user_id, o.day
  ), usual as (
    select d.user_id, count(*) as days, percentile_cont(0.5) within group (order by d.files) as usual,
      max(d.files) as most
    from daily d group by d.user_id
  ), at_hours as (
    select h.user_id, array_agg(h.hour) as hours from (select distinct d.user_id, d.hour from done d) h
    group by h.user_id
  ), acts as (
    select a.user_id, array_agg(a.act) as did from (select distinct d.user_id, d.act from done d) a group by a.user_id
  )
  select u.*, h.hours, a.did from usual u join at_hours h using (user_id) join acts a using (user_id)
$$;

-- How many entries were written since two times, the second one earlier, and the newest sealed number; 0 for everybody
-- but auditors.
create or replace function audit.count_entries(today timestamptz, week timestamptz)
returns table (of_today bigint, of_week bigint, sealed bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select count(*) filter (where e.at >= today), count(*),
    coalesce((select max(number) from public.audit_entry where audit.is_auditor()), 0)
  from public.audit_entry e where e.at >= week and audit.is_auditor()
$$;

-- How long the oldest unsealed entry has waited, how long the sealer has been silent, and its failures.
create or replace function audit.sealer_status(out waiting_for interval, out silent_for interval, out trouble text[])
returns record
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select (select clock_timestamp() - at from public.audit_entry where number is null order by id limit 1),
         clock_timestamp() - seen_at, watch.trouble
  from (select 1) as always left join public.audit_sealerstatus watch on true
$$;

-- The newest entries before this one in which a person opened a file outside their current work, for auditors.
create or replace function audit.openings_of(who int, entry bigint, how_many int) returns setof audit_entry
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select * from public.audit_entry
  where what = 'open_file' and user_id = who and id < entry and audit.is_auditor()
  order by id desc limit how_many
$$;

-- Appends one ledger entry for each of these rows.
create or replace function audit.append_each(what text, abouts text[], fields text[], keys uuid[]) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into public.audit_entry (at, user_id, agency_id, role, purpose, what, about, fields, key)
  select clock_timestamp(), who[1]::int, who[2]::int, who[3], who[4], what, each.about, fields, each.key
  from acting.claims() who, unnest(abouts, keys) as each(about, key)
$$;

do $$
declare
    owner text := current_user;
    sealer text := current_database() || '_sealer';
begin
    -- Even the owner, under whose name the functions above run, may only append and read. Even the sealer may number an
    -- entry only once.
    drop policy if exists owner_appends on audit_entry;
    drop policy if exists owner_reads on audit_entry;
    drop policy if exists sealer_reads on audit_entry;
    drop policy if exists sealer_numbers on audit_entry;
    drop policy if exists owner_reads on audit_sealerstatus;
    drop policy if exists sealer_says on audit_sealerstatus;
    execute format('create policy owner_appends on audit_entry for insert to %I with check (number is null)', owner);
    execute format('create policy owner_reads on audit_entry for select to %I using (true)', owner);
    execute format('create policy sealer_reads on audit_entry for select to %I using (true)', sealer);
    execute format('create policy sealer_numbers on audit_entry for update to %I using (number is null)
        with check (number is not null)', sealer);
    execute format('create policy owner_reads on audit_sealerstatus for select to %I using (true)', owner);
    execute format('create policy sealer_says on audit_sealerstatus for all to %I using (true) with check (true)', sealer);
end
$$;

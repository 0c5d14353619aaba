"""Entries come by `audit.append` alone, get their numbers from the sealer alone, and are read by whom they concern."""

from django.db import migrations

ROLES = """
do $$
declare
  sealer text := current_database() || '_sealer';
begin
  if not exists (select from pg_roles where rolname = sealer) then
    execute format('create role %I login nosuperuser nobypassrls', sealer);
  end if;
  -- Even the owner, under whose name the functions below run, may only append and read;
  -- even the sealer may number an entry once, and never again.
  execute format('create policy owner_appends on audit_entry for insert to %I with check (number is null)', current_user);
  execute format('create policy owner_reads on audit_entry for select to %I using (true)', current_user);
  execute format('create policy sealer_reads on audit_entry for select to %I using (true)', sealer);
  execute format('create policy sealer_numbers on audit_entry for update to %I using (number is null)
                  with check (number is not null)', sealer);
  execute format('create policy owner_reads on audit_watch for select to %I using (true)', current_user);
  execute format('create policy sealer_says on audit_watch for all to %I using (true) with check (true)', sealer);
end $$;
alter table audit_entry add constraint fields_are_names_and_never_values
  check (array_to_string(fields, ' ') ~ '^[a-z_ ]*$');
"""

FUNCTIONS = """
create schema audit;
grant usage on schema audit to public;  -- the functions ask the context, not the role

create function audit.append(what text, about text, fields text[], key uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into public.audit_entry (at, user_id, agency_id, role, purpose, what, about, fields, key)
  select clock_timestamp(), who[1]::int, who[2]::int, who[3], who[4], what, about, fields, key
  from acting.claims() who  -- without a context no row but one of nulls, which the table refuses
$$;

-- Who may open a file may read who opened it. The vault, which knows the keys, says who that is.
create function audit.may_open(file uuid) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as 'select false';

create function audit.is_auditor() returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(split_part(acting.role(), '/', 2) = 'auditor', false)
$$;

create function audit.entries_about(files uuid[], how_many int) returns setof public.audit_entry
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select entry.* from unnest(files) as file join public.audit_entry entry on entry.key = file
  where audit.is_auditor() or audit.may_open(file)
  order by entry.id desc limit how_many
$$;

create function audit.entries_before(entry bigint, how_many int) returns setof public.audit_entry
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select * from public.audit_entry where id < entry and audit.is_auditor() order by id desc limit how_many
$$;

create function audit.how_it_stands(out waiting_for interval, out silent_for interval, out trouble text[])
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select (select clock_timestamp() - at from public.audit_entry where number is null order by id limit 1),
         clock_timestamp() - seen_at, watch.trouble
  from (select 1) as always left join public.audit_watch watch on true
$$;
"""

UNDO = """
drop schema audit cascade;
drop policy owner_appends on audit_entry;
drop policy owner_reads on audit_entry;
drop policy sealer_reads on audit_entry;
drop policy sealer_numbers on audit_entry;
drop policy owner_reads on audit_watch;
drop policy sealer_says on audit_watch;
alter table audit_entry drop constraint fields_are_names_and_never_values;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("core", "0001_who_is_acting")]

    operations = [migrations.RunSQL(ROLES + FUNCTIONS, UNDO)]

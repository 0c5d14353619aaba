import django.db.models.functions.datetime
from django.db import migrations, models

FUNCTIONS = """
-- Copies are made in many places; this holds for all of them. The lock is shared by all who make copies, and the one
-- who retires a key takes it alone: no copy under a retired key can be on its way.
create function vault_check_copies() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    perform pg_advisory_xact_lock_shared('vault_grant'::regclass::int, 0);
    if exists (select from written w join vault_retiredkey r on r.name = w.wrapping_key) then
        raise exception 'a retired key wraps nothing' using errcode = '40001';
    end if;
    if exists (select from written w where w.wrapping_key <> 'file:vault'
        and split_part(w.wrapping_key, ':', 2) <> w.agency_id::text) then
        raise exception 'a copy is wrapped by a key of its holder''s agency' using errcode = '23514';
    end if;
    return null;
end $$;

create trigger copies_are_made after insert on vault_grant
    referencing new table as written for each statement execute function vault_check_copies();
create trigger copies_are_changed after update on vault_grant
    referencing new table as written for each statement execute function vault_check_copies();

-- Without `wrapped`: for a holder of the same agency, whose copy is as the giver's own.
drop function vault_give;
create function vault_give(
    key uuid, holder text, agency int, purpose text, basis uuid, until timestamptz,
    wrapped bytea default null, wrapping_key text default null
) returns void language plpgsql security definer set search_path = pg_catalog, public as $$
declare own vault_grant := vault_own_copy(key);
begin
    if own.key_id is null then
        raise exception 'only who holds a key can give it' using errcode = '42501';
    end if;
    insert into vault_grant
        (key_id, holder, agency_id, owner_id, purpose, basis, made_at, expires_at, wrapped, wrapping_key)
    values (key, holder, agency, own.owner_id, purpose, basis, own.made_at, until,
        coalesce(vault_give.wrapped, own.wrapped), coalesce(vault_give.wrapping_key, own.wrapping_key))
    on conflict on constraint a_holder_has_one_copy_of_a_key
    do update set purpose = excluded.purpose, basis = excluded.basis, expires_at = excluded.expires_at,
        wrapped = excluded.wrapped, wrapping_key = excluded.wrapping_key;
end $$;

create function vault_rewrap(copies bigint[], was text[], anew bytea[], becomes text[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, public as $$
declare changed bigint;
begin
    if acting.role() is distinct from 'system/worker' then
        raise exception 'only the worker wraps keys anew' using errcode = '42501';
    end if;
    update vault_grant g set wrapped = n.anew, wrapping_key = n.becomes
    from unnest(copies, was, anew, becomes) n (id, was, anew, becomes)
    where g.id = n.id and g.wrapping_key = n.was;
    get diagnostics changed = row_count;
    return changed;
end $$;

-- False: somebody makes a copy just now; ask again. It never waits, for others would then wait behind it.
create function vault_retire(names text[]) returns boolean
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    if acting.role() is distinct from 'system/worker' then
        raise exception 'only the worker retires keys' using errcode = '42501';
    end if;
    if not pg_try_advisory_xact_lock('vault_grant'::regclass::int, 0) then
        return false;
    end if;
    insert into vault_retiredkey (name) select unnest(names) on conflict do nothing;
    return true;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0004_who_holds_a_key_reads_its_entries")]

    operations = [
        migrations.CreateModel(
            name="RetiredKey",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("retired_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]

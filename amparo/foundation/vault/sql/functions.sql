-- The current actor's live copy of a key in the agency that owns it; null without one.
create or replace function vault_own_copy(key uuid) returns vault_grant
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select g from vault_grant g where g.key_id = key and g.holder = any (acting.holders())
        and g.expires_at > now() and g.agency_id = g.owner_id limit 1
$$;

-- Makes a data key with copies for these holders. Only for the actor's own agency, except for our processes.
create or replace function vault_make_key(
    key uuid, agency int, kind text, holders text[], wrapped bytea, wrapping_key text
) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if acting.role() is null or (acting.role() not like 'system/%' and acting.agency_id() <> agency) then
        raise exception 'nobody may make a key for another agency' using errcode = '42501';
    end if;
    insert into vault_datakey (id, agency_id, kind, made_at) values (key, agency, kind, now());
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
        select key, holder, agency, agency, '', now(), '9000-01-01Z', wrapped, wrapping_key from unnest(holders) holder;
end
$$;

-- Makes a data key with the same holders as another one that the actor holds.
create or replace function vault_make_key_beside(key uuid, other uuid, kind text, wrapped bytea, wrapping_key text)
returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare own vault_grant := vault_own_copy(other);
begin
    if own.key_id is null then
        raise exception 'only who holds a key can make one beside it' using errcode = '42501';
    end if;
    -- If the other record is closed or under a legal hold, so is the new key.
    insert into vault_datakey (id, agency_id, kind, made_at, closed_at, legal_hold)
    select key, own.owner_id, vault_make_key_beside.kind, now(), k.closed_at, k.legal_hold from vault_datakey k where k.id = other;
    insert into vault_grant
        (key_id, holder, agency_id, owner_id, purpose, basis, made_at, expires_at, wrapped, wrapping_key)
    select key, g.holder, g.agency_id, g.owner_id, g.purpose, g.basis, now(), g.expires_at,
        vault_make_key_beside.wrapped, vault_make_key_beside.wrapping_key
    from vault_grant g where g.key_id = other and g.agency_id = g.owner_id;
end
$$;

-- Revokes a key from a holder; the actor must hold it.
create or replace function vault_take(key uuid, holder text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare own vault_grant := vault_own_copy(key);
begin
    if own.key_id is null then
        raise exception 'only who holds a key can take it back' using errcode = '42501';
    end if;
    delete from vault_grant g where g.key_id = key and g.holder = vault_take.holder;
end
$$;

-- Revokes all grants on one basis, of keys that the actor holds; returns how many.
create or replace function vault_withdraw(basis uuid) returns bigint
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    with gone as (
        delete from vault_grant g where g.basis = vault_withdraw.basis
            and (select (vault_own_copy(g.key_id)).key_id) is not null
        returning 1
    ) select count(*) from gone
$$;

-- Destroys a key: deletes its copies and its search tokens. For the worker, and for holders.
create or replace function vault_forget(key uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if acting.role() is distinct from 'system/worker' and (vault_own_copy(key)).key_id is null then
        raise exception 'only who holds a key can destroy it' using errcode = '42501';
    end if;
    delete from vault_token t where t.key_id = key;
    delete from vault_grant g where g.key_id = key;
    update vault_datakey set forgotten_at = now() where id = key;
end
$$;

-- True if the current actor holds the file's key. The ledger calls this function; the vault defines it.
create or replace function audit.may_open(file uuid) returns bool
language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from public.vault_grant g
        where g.key_id = file and g.holder = any (acting.holders()) and g.expires_at > now()
    )
$$;

-- Checks new and changed copies, wherever they are made. All who make copies share an advisory lock, and vault_retire
-- takes it alone: no copy under a retired key can be in progress.
create or replace function vault_check_copies() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
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
end
$$;

-- Grants a key that the actor holds; without a wrapped copy, the actor's own copy is used.
create or replace function vault_give(
    key uuid, holder text, agency int, purpose text, basis uuid, until timestamptz, wrapped bytea default
    NULL::bytea, wrapping_key text default NULL::text
) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
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
end
$$;

-- Retires key-encryption keys. Returns false if somebody is making a copy at this moment: try again. It never waits,
-- because others would then wait behind it.
create or replace function vault_retire(names text[]) returns bool
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if acting.role() is distinct from 'system/worker' then
        raise exception 'only the worker retires keys' using errcode = '42501';
    end if;
    if not pg_try_advisory_xact_lock('vault_grant'::regclass::int, 0) then
        return false;
    end if;
    insert into vault_retiredkey (name) select unnest(names) on conflict do nothing;
    return true;
end
$$;

-- Starts or stops the retention period of a record whose key the actor holds.
create or replace function vault_close(key uuid, at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if (vault_own_copy(key)).key_id is null then
        raise exception 'only who holds a key can close its record' using errcode = '42501';
    end if;
    update vault_datakey set closed_at = at where id = key;
end
$$;

-- Sets or lifts a legal hold; for supervisors who hold the key.
create or replace function vault_hold(key uuid, why text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if acting.role() not like '%/supervisor' or (vault_own_copy(key)).key_id is null then
        raise exception 'only a supervisor who holds a key can hold its record' using errcode = '42501';
    end if;
    update vault_datakey set legal_hold = why where id = key;
end
$$;

-- Replaces wrapped copies during a rotation, unless they changed meanwhile; returns how many. Called by the worker
-- alone.
create or replace function vault_rewrap(keys uuid[], holders text[], was text[], anew bytea[], becomes text[])
returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare changed bigint;
begin
    if acting.role() is distinct from 'system/worker' then
        raise exception 'only the worker wraps keys anew' using errcode = '42501';
    end if;
    update vault_grant g set wrapped = n.anew, wrapping_key = n.becomes
    from unnest(keys, holders, was, anew, becomes) n (key, holder, was, anew, becomes)
    where g.key_id = n.key and g.holder = n.holder and g.wrapping_key = n.was;
    get diagnostics changed = row_count;
    return changed;
end
$$;

create or replace trigger copies_are_made after insert on vault_grant referencing new table as written
    for each statement
    execute function vault_check_copies();

create or replace trigger copies_are_changed after update on vault_grant referencing new table as written
    for each statement
    execute function vault_check_copies();

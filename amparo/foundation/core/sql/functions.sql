-- The signed claims of the current actor: user, agency, role, purpose, backend, expiry. Null without an actor; raises
-- 42501 for a false or expired signature, and for a bearer outside the role `site`.
create or replace function acting.claims() returns text[]
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    raw text := current_setting('amparo.acting', true);
    payload text; signature text; parts text[]; key acting.secret%rowtype;
begin
    if raw is null or raw = '' then return null; end if;
    payload := split_part(raw, '|', 1);
    signature := split_part(raw, '|', 2);
    select * into key from acting.secret;
    if signature is distinct from
        encode(sha256(key.outer_pad || sha256(key.inner_pad || convert_to(payload, 'UTF8'))), 'hex')
    then raise exception 'who is acting is not signed' using errcode = '42501'; end if;
    parts := string_to_array(payload, ':');
    if parts[5]::int <> pg_backend_pid() or parts[6]::bigint < extract(epoch from clock_timestamp())
    then raise exception 'who was acting is over' using errcode = '42501'; end if;
    if parts[3] like 'bearer/%'
        and coalesce(nullif(current_setting('role'), 'none'), session_user) <> current_database() || '_site'
    then raise exception 'who holds a code is outside' using errcode = '42501'; end if;
    return parts;
end
$$;

-- The current actor's user id; 0 for a process or a bearer.
create or replace function acting.user_id() returns int
language sql stable security definer set search_path = pg_catalog as $$ select (acting.claims())[1]::int $$;

-- The current actor's agency.
create or replace function acting.agency_id() returns int
language sql stable security definer set search_path = pg_catalog as $$ select (acting.claims())[2]::int $$;

-- The current actor's role with the kind of its agency, such as `hotline/operator`.
create or replace function acting.role() returns text
language sql stable security definer set search_path = pg_catalog as $$ select (acting.claims())[3] $$;

-- The current actor's purpose; blank: everyday work.
create or replace function acting.purpose() returns text
language sql stable security definer set search_path = pg_catalog as $$ select (acting.claims())[4] $$;

-- The two holder names of the current actor: their own, and their role's in their agency. Empty without an actor.
create or replace function acting.holders() returns text[]
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    c text[] := acting.claims();
begin
    return case when c is null then '{}' else array['u' || c[1], c[2] || ':' || split_part(c[3], '/', 2)] end;
end
$$;

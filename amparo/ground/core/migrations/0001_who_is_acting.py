"""The functions by which policies learn who is acting (amparo/ground/core/acting.py signs it)."""

from django.db import migrations

FUNCTIONS = """
create schema acting;
create table acting.secret (inner_pad bytea not null, outer_pad bytea not null);
create table acting.gate (applied text not null);

create function acting.claims() returns text[] language plpgsql stable security definer set search_path = pg_catalog as $$
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
    return parts;
end $$;

create function acting.user_id() returns int language sql stable security definer set search_path = pg_catalog as
    $$ select (acting.claims())[1]::int $$;
create function acting.agency_id() returns int language sql stable security definer set search_path = pg_catalog as
    $$ select (acting.claims())[2]::int $$;
create function acting.role() returns text language sql stable security definer set search_path = pg_catalog as
    $$ select (acting.claims())[3] $$;
create function acting.purpose() returns text language sql stable security definer set search_path = pg_catalog as
    $$ select (acting.claims())[4] $$;
create function acting.holders() returns text[] language sql stable security definer set search_path = pg_catalog as $$
    select case when c is null then '{}' else array['u' || c[1], c[2] || ':' || split_part(c[3], '/', 2)] end
    from acting.claims() c
$$;
"""


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunSQL(FUNCTIONS, "drop schema acting cascade")]

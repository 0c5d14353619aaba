"""Whoever acts as a bearer does so in the role `site` alone: SQL that steps up again with `set_config` is nobody."""

from django.db import migrations

CLAIMS = """
create or replace function acting.claims() returns text[]
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    raw text := current_setting('amparo.acting', true);
    payload text; signature text; parts text[]; key acting.secret%%rowtype;
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
    %s
    return parts;
end $$;
"""
# The setting, for within this function current_user is its owner; "none" is who signed in.
STAYS = """if parts[3] like 'bearer/%'
        and coalesce(nullif(current_setting('role'), 'none'), session_user) <> current_database() || '_site'
    then raise exception 'who holds a code is outside' using errcode = '42501'; end if;"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_who_is_acting")]
    operations = [migrations.RunSQL(CLAIMS % STAYS, CLAIMS % "")]

"""One receipt, one chat: also when a page asks twice at once, and of no other key; and no longer than three days."""

from django.db import migrations

LASTS = 3  # days: models.py

MAKE_KEY = """
create or replace function chat_make_key(key uuid, until timestamptz, wrapped bytea, wrapping_key text) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    me text := (acting.holders())[2];
begin%s
    if coalesce(acting.role(), '') not like 'bearer/chat%%' or exists (select from vault_grant g where g.holder = me) then
        raise exception 'a receipt has one chat' using errcode = '42501';
    end if;
    insert into vault_datakey (id, agency_id, kind, made_at) values (key, 1, 'chat', now());
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    values (key, me, 1, 1, 'chat', now(), %s, wrapped, wrapping_key),
        (key, '1:supervisor', 1, 1, '', now(), '9000-01-01Z', wrapped, wrapping_key);
end $$;
"""
NOW = (
    MAKE_KEY
    % (
        "\n    perform pg_advisory_xact_lock('chat_chat'::regclass::int, hashtext(me));",  # the second finds what the first made
        f"least(until, now() + interval '{LASTS} days')",
    )
)
BEFORE = MAKE_KEY % ("", "until")

BEGINS = """
drop policy a_chat_begins_by_waiting on chat_chat;
create policy a_chat_begins_by_waiting on chat_chat as restrictive for insert with check (
    state = 'waiting' and operator_id is null and entries = 1%s);
"""
# Whoever takes a chat is let into its key: so it is a chat's, and never that of a case which a code or a link opens.
OF_A_CHAT = " and exists (select from vault_datakey k where k.id = key_id and k.kind = 'chat')"


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_what_a_visitor_may")]
    operations = [migrations.RunSQL(NOW, BEFORE), migrations.RunSQL(BEGINS % OF_A_CHAT, BEGINS % "")]

"""Whoever answers a chat that was handed back comes into the contact that was opened for it."""

from django.db import migrations

LET_IN = """
create or replace function contacts_let_in(it uuid) returns uuid
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    me int := acting.user_id();
    c contacts_contact%%rowtype;
    given bigint;
begin
    select * into c from contacts_contact where %s;
    if not found or not contacts_on_shift() or not (
        exists (select from switchboard_call k where k.id = c.call_id and me = any (k.operators || k.invited))
        or exists (select from switchboard_message m where m.call_id = c.call_id and m.taken_by_id = me)
        or exists (select from contacts_safecontact s where s.contact_id = c.id and s.call_wanted)%s
    ) then return null; end if;
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    select distinct on (g.key_id) g.key_id, 'u' || me, g.owner_id, g.owner_id, '', g.made_at, '9000-01-01Z'::timestamptz,
        g.wrapped, g.wrapping_key
    from vault_grant g
    where g.agency_id = g.owner_id
        and g.key_id in (select c.key_id union all select s.key_id from contacts_safecontact s where s.contact_id = c.id)
    on conflict do nothing;
    get diagnostics given = row_count;
    return case when given > 0 then c.id end;
end $$;
"""
NOW = LET_IN % (
    "id = it or call_id = it or chat_id = it",
    "\n        or exists (select from chat_chat h where h.id = c.chat_id and h.operator_id = me and h.state = 'talking')",
)
BEFORE = LET_IN % ("id = it or call_id = it", "")


class Migration(migrations.Migration):
    dependencies = [("contacts", "0007_a_chat_has_a_contact"), ("chat", "0001_initial")]
    operations = [migrations.RunSQL(NOW, BEFORE)]

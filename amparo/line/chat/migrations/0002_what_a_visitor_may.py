"""What whoever has a receipt may do, and what of a chat goes with its key. All of it asks who is acting by itself."""

from django.db import migrations

KEPT = 90  # days after its contact is closed: as what callers leave in the queue

FUNCTIONS = """
create function chat_is_hers(chat uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
    select coalesce(acting.role(), '') like 'bearer/chat%' and exists (
        select from chat_chat c join vault_grant g on g.key_id = c.key_id
        where c.id = chat and g.holder = any (acting.holders()) and g.expires_at > now())
$$;

-- Of one chat for each receipt: held by whoever has it for a time, and by the supervisors. An operator is let in later.
create function chat_make_key(key uuid, until timestamptz, wrapped bytea, wrapping_key text) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    me text := (acting.holders())[2];
begin
    if coalesce(acting.role(), '') not like 'bearer/chat%' or exists (select from vault_grant g where g.holder = me) then
        raise exception 'a receipt has one chat' using errcode = '42501';
    end if;
    insert into vault_datakey (id, agency_id, kind, made_at) values (key, 1, 'chat', now());
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    values (key, me, 1, 1, 'chat', now(), until, wrapped, wrapping_key),
        (key, '1:supervisor', 1, 1, '', now(), '9000-01-01Z', wrapped, wrapping_key);
end $$;

create function chat_let_in(chat uuid) returns void
language sql security definer set search_path = pg_catalog, public as $$
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    select g.key_id, 'u' || c.operator_id, g.owner_id, g.owner_id, '', g.made_at, '9000-01-01Z', g.wrapped, g.wrapping_key
    from chat_chat c join vault_grant g on g.key_id = c.key_id
    where c.id = chat and c.operator_id = acting.user_id() and g.agency_id = g.owner_id
        and acting.role() in ('hotline/operator', 'hotline/supervisor') limit 1
    on conflict do nothing
$$;

-- She comes back by the receipt: from now on nothing older is shown to whoever has it.
create function chat_come_in(chat uuid, at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public as $$
    update chat_chat set entered_at = greatest(entered_at, at), seen_at = greatest(seen_at, at), entries = entries + 1
    where id = chat and chat_is_hers(chat)
$$;

create function chat_look(chat uuid, at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public as $$
    update chat_chat set seen_at = greatest(seen_at, at) where id = chat and chat_is_hers(chat)
$$;

-- Two numbers, and no chat of anybody else: how many are answered before this one, and how many of us are on shift.
create function chat_before(chat uuid, on_shift_since timestamptz, out before bigint, out on_shift bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
    select (select count(*) from chat_chat c join chat_chat o on (o.turn_at, o.id) < (c.turn_at, c.id)
            where c.id = chat and o.state = 'waiting'),
        (select count(*) from roster_seat s where s.state <> 'off' and s.seen_at > on_shift_since)
    where chat_is_hers(chat)
$$;

create function chat_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    delete from chat_written where key_id = new.id;
    return null;
end $$;
create trigger chats_are_forgotten after update of forgotten_at on vault_datakey
    for each row when (new.forgotten_at is not null) execute function chat_forget();
"""
FUNCTIONS_GO = """
drop trigger chats_are_forgotten on vault_datakey;
drop function chat_forget, chat_before, chat_look, chat_come_in, chat_let_in, chat_make_key, chat_is_hers;
"""
POLICIES = """
create policy a_chat_begins_by_waiting on chat_chat as restrictive for insert with check (
    state = 'waiting' and operator_id is null and entries = 1);
create policy everybody_writes_in_their_own_name on chat_written as restrictive for insert with check (
    case when coalesce((select acting.role()), '') like 'bearer/%' then is_hers
        else by_id = (select acting.user_id()) end
    and exists (select from chat_chat c where c.id = chat_id and c.key_id = chat_written.key_id));
create policy a_visitor_reads_from_when_she_came on chat_written as restrictive for select using (
    coalesce((select acting.role()), '') not like 'bearer/%'
    or at >= (select c.entered_at from chat_chat c where c.id = chat_id));
"""
POLICIES_GO = """
drop policy a_chat_begins_by_waiting on chat_chat;
drop policy everybody_writes_in_their_own_name on chat_written;
drop policy a_visitor_reads_from_when_she_came on chat_written;
"""


def say_how_long(apps, schema_editor) -> None:
    apps.get_model("vault", "Retention").objects.get_or_create(kind="chat", defaults={"days": KEPT})


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial"), ("roster", "0001_initial"), ("vault", "0009_plates")]
    operations = [
        migrations.RunSQL(FUNCTIONS, FUNCTIONS_GO),
        migrations.RunSQL(POLICIES, POLICIES_GO),
        migrations.RunPython(say_how_long, migrations.RunPython.noop),
    ]

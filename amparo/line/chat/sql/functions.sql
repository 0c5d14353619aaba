-- Whether the actor is a visitor who holds the key of this chat.
create or replace function chat_is_of_bearer(chat uuid) returns bool
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce(acting.role(), '') like 'bearer/chat%' and exists (
        select from chat_chat c join vault_grant g on g.key_id = c.key_id
        where c.id = chat and g.holder = any (acting.holders()) and g.expires_at > now())
$$;

-- Stores the key of a new chat, for the visitor and the supervisors. A receipt has one chat: a second one is an error.
-- The visitor's grant ends after three days at most.
create or replace function chat_make_key(key uuid, until timestamptz, wrapped bytea, wrapping_key text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    bearer text := (acting.holders())[2];
begin
    perform pg_advisory_xact_lock('chat_chat'::regclass::int, hashtext(bearer));
    if coalesce(acting.role(), '') not like 'bearer/chat%' or exists (select from vault_grant g where g.holder = bearer) then
        raise exception 'a receipt has one chat' using errcode = '42501';
    end if;
    insert into vault_datakey (id, agency_id, kind, made_at) values (key, 1, 'chat', now());
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    values (key, bearer, 1, 1, 'chat', now(), least(until, now() + interval '3 days'), wrapped, wrapping_key),
        (key, '1:supervisor', 1, 1, '', now(), '9000-01-01Z', wrapped, wrapping_key);
end
$$;

-- Opens an empty chat that an operator has, for the caller who is given its receipt. Its key goes to the receipt's bearer,
-- to the operator and to the supervisors. A receipt has one chat, and its grant ends after three days at most.
create or replace function chat_open_for_caller(
    chat uuid, key uuid, bearer text, spoken text, opened timestamptz, until timestamptz, wrapped bytea, wrapping_key text
) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if coalesce(acting.role(), '') not in ('hotline/operator', 'hotline/supervisor') or bearer !~ '^1:chat_[a-p]{30}$'
        or exists (select from vault_grant g where g.holder = bearer) then
        raise exception 'an operator opens a chat for a caller, with a receipt of its own' using errcode = '42501';
    end if;
    insert into vault_datakey (id, agency_id, kind, made_at) values (key, 1, 'chat', now());
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    values (key, bearer, 1, 1, 'chat', now(), least(until, now() + interval '3 days'), wrapped, wrapping_key),
        (key, '1:supervisor', 1, 1, '', now(), '9000-01-01Z', wrapped, wrapping_key),
        (key, 'u' || acting.user_id(), 1, 1, '', now(), '9000-01-01Z', wrapped, wrapping_key);
    insert into chat_chat (id, key_id, language, state, begun_at, turn_at, entered_at, entries, seen_at, operator_id, taken_at)
    values (chat, key, spoken, 'talking', opened, opened, opened, 0, opened, acting.user_id(), opened);
end
$$;

-- Gives the key of a chat to its operator, if the actor is that operator.
create or replace function chat_grant_key(chat uuid) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    select g.key_id, 'u' || c.operator_id, g.owner_id, g.owner_id, '', g.made_at, '9000-01-01Z', g.wrapped, g.wrapping_key
    from chat_chat c join vault_grant g on g.key_id = c.key_id
    where c.id = chat and c.operator_id = acting.user_id() and g.agency_id = g.owner_id
        and acting.role() in ('hotline/operator', 'hotline/supervisor') limit 1
    on conflict do nothing
$$;

-- Records that the visitor came back with the receipt, unless the chat has ended. From then on nothing older is shown to
-- its bearer.
create or replace function chat_reenter(chat uuid, at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update chat_chat set entered_at = greatest(entered_at, at), seen_at = greatest(seen_at, at), entries = entries + 1
    where id = chat and state <> 'ended' and chat_is_of_bearer(chat)
$$;

-- Records that the visitor's page is open.
create or replace function chat_mark_seen(chat uuid, at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update chat_chat set seen_at = greatest(seen_at, at) where id = chat and chat_is_of_bearer(chat)
$$;

-- Takes back a message of ours that waits to be sent and that no provider may have, for the operator who has its chat, or
-- had it when it ended. Once it is nobody's (handed back, or its operator is gone), a supervisor does.
create or replace function chat_take_back(chat uuid, message uuid) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update chat_chatmessage m set delivery = 'taken_back'
    from chat_chat c
    where c.id = chat and m.id = message and m.chat_id = c.id and m.delivery = 'pending' and m.attempts = 0
        and (c.operator_id = acting.user_id() and acting.role() in ('hotline/operator', 'hotline/supervisor')
            or c.operator_id is null and acting.role() = 'hotline/supervisor')
$$;

-- Deletes the messages that a destroyed key had sealed, and the tokens of the address.
create or replace function chat_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from chat_chatmessage where key_id = new.id;
    update chat_chat set sender = null, claimed_sender = null where key_id = new.id and sender is not null;
    return null;
end
$$;

-- For the visitor of a chat: how many wait before them, how many operators are on shift, and whether theirs is present.
create or replace function chat_queue_position(
    chat uuid, on_shift_since timestamptz, out before bigint, out on_shift bigint, out operator_is_present bool
) returns record
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select (select count(*) from chat_chat c join chat_chat o on (o.turn_at, o.id) < (c.turn_at, c.id)
            where c.id = chat and o.state = 'waiting'),
        (select count(*) from roster_seat s where s.state <> 'off' and s.seen_at > on_shift_since),
        exists (select from chat_chat c join roster_seat s on s.user_id = c.operator_id
            where c.id = chat and s.seen_at > on_shift_since)
    where chat_is_of_bearer(chat)
$$;

-- For the visitor of a chat: the operator who has it. Null: it waits.
create or replace function chat_operator(chat uuid) returns int
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select operator_id from chat_chat where id = chat and state = 'talking' and chat_is_of_bearer(chat)
$$;

-- For the visitor of a chat: whether somebody else than the operator who has it answered in it before.
create or replace function chat_has_changed_hands(chat uuid) returns bool
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from chat_chat c join chat_chatmessage m on m.chat_id = c.id
        where c.id = chat and m.by_id <> c.operator_id)
    where chat_is_of_bearer(chat)
$$;

-- Puts chats back into the queue whose operator gave no sign (console, seat or message) since then; for the worker
-- only. One whose caller has not come yet waits for nobody.
create or replace function chat_requeue_abandoned(gone_since timestamptz) returns table(chat uuid, key uuid)
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update chat_chat c set state = 'waiting', operator_id = null, passed_to_id = null
    where c.state = 'talking' and c.entries > 0 and acting.role() = 'system/worker'
        and not exists (select from roster_seat s where s.user_id = c.operator_id and greatest(s.seen_at, s.since) > gone_since)
        and not exists (select from chat_chatmessage w
            where w.chat_id = c.id and w.by_id = c.operator_id and w.at > gone_since)
    returning c.id, c.key_id
$$;

-- Runs chat_forget when a key is destroyed.
create or replace trigger chats_are_forgotten after update of forgotten_at on vault_datakey
    for each row
    when (new.forgotten_at is not null)
    execute function chat_forget();

-- Refuses a chat to a person who may not take it without a certificate, also by SQL in a page. Consoles seen within 45 seconds are
-- open, as the roster says.
create or replace function chat_needs_certificate() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if (tg_op = 'INSERT' or new.operator_id is distinct from old.operator_id)
        and not roster_may_take('chats', new.operator_id, now(), now() - interval '45 seconds') then
        raise exception 'a certified colleague answers this chat' using errcode = '42501';
    end if;
    return new;
end
$$;

-- Runs chat_needs_certificate when somebody takes a chat with a person.
create or replace trigger who_takes_a_chat_is_certified before insert or update of operator_id on chat_chat
    for each row
    when (new.operator_id is not null and new.practice_of_id is null)
    execute function chat_needs_certificate();

-- A new chat waits, and its key is of the kind 'chat', or 'practice'. Any other key (of a case that a code or link opens) would be
-- given to the operator who takes the chat. Only chat_open_for_caller makes one that an operator has from the start.
drop policy if exists a_chat_begins_by_waiting on chat_chat;
create policy a_chat_begins_by_waiting on chat_chat as restrictive for insert with check (
    (state = 'waiting' and operator_id is null and entries = 1
        or entries = 0 and current_user = current_database() || '_gatekeeper')
    and exists (select from vault_datakey k where k.id = key_id
        and k.kind = case when practice_of_id is null then 'chat' else 'practice' end));

-- A visitor reads only messages since their last entry.
drop policy if exists a_visitor_reads_since_their_last_entry on chat_chatmessage;
create policy a_visitor_reads_since_their_last_entry on chat_chatmessage as restrictive for select using (
    coalesce((select acting.role()), '') not like 'bearer/%'
    or at >= (select c.entered_at from chat_chat c where c.id = chat_id));

-- A visitor writes as the visitor, staff as themselves, and always under the key of the chat. In a practice chat the
-- trainee's transaction also writes what the invented person says. The worker writes what arrived through a channel with
-- addresses, and the first answer that goes out by itself.
drop policy if exists everybody_writes_in_their_own_name on chat_chatmessage;
create policy everybody_writes_in_their_own_name on chat_chatmessage as restrictive for insert with check (
    case when coalesce((select acting.role()), '') like 'bearer/%' then from_bearer
    when (select acting.role()) = 'system/worker' then by_id is null and exists (
        select from chat_chat c where c.id = chat_id and c.channel <> 'chat')
    else by_id = (select acting.user_id()) or from_bearer and exists (
        select from chat_chat c where c.id = chat_id and c.practice_of_id = (select acting.user_id())) end
    and exists (select from chat_chat c where c.id = chat_id and c.key_id = chat_chatmessage.key_id));

-- A practice chat is seen by its trainee alone: by no colleague, supervisor, process or figure.
drop policy if exists practice_is_its_trainees_alone on chat_chat;
create policy practice_is_its_trainees_alone on chat_chat as restrictive for all using (
    practice_of_id is null or practice_of_id = (select acting.user_id()));

-- Staff begin no chat but their own practice, and one for a caller by chat_open_for_caller.
drop policy if exists staff_begin_only_practice on chat_chat;
create policy staff_begin_only_practice on chat_chat as restrictive for insert with check (
    coalesce((select acting.role()), '') not like 'hotline/%' or practice_of_id = (select acting.user_id())
    or entries = 0 and current_user = current_database() || '_gatekeeper');

-- The worker begins conversations of channels with addresses, and none of the page.
drop policy if exists the_worker_begins_none_of_the_page on chat_chat;
create policy the_worker_begins_none_of_the_page on chat_chat as restrictive for insert with check (
    coalesce((select acting.role()), '') <> 'system/worker' or channel <> 'chat' and sender is not null);

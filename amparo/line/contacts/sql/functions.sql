-- Whether the actor holds a live grant of this key.
create or replace function contacts_has_key(key uuid) returns bool
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from vault_grant g
        where g.key_id = key and g.holder = any (acting.holders()) and g.expires_at > now())
$$;

-- Under which names a contact can be read now; for the shift only, and without the keys.
create or replace function contacts_key_holders(contact uuid) returns setof varchar
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select g.holder from contacts_contact c join vault_grant g on g.key_id = c.key_id
    where c.id = contact and g.expires_at > now() and contacts_on_shift()
$$;

-- Whether the actor is an operator or supervisor of the hotline.
create or replace function contacts_on_shift() returns bool
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select coalesce(acting.role() in ('hotline/operator', 'hotline/supervisor'), false)
$$;

-- Gives the actor the keys of a contact and its card, if they take part in it. `target` is the id of the contact, its
-- call or its chat. Returns the id of the contact if a key was given, else null. They take part if they are in the call
-- or were invited, took its message or its chat, or if the person waits for a return call.
create or replace function contacts_grant_keys(target uuid) returns uuid
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    actor_id int := acting.user_id();
    c contacts_contact%rowtype;
    given bigint;
begin
    select * into c from contacts_contact where id = target or call_id = target or chat_id = target;
    if not found or not contacts_on_shift() or not (
        exists (select from switchboard_call k where k.id = c.call_id and actor_id = any (k.operators || k.invited))
        or exists (select from switchboard_message m where m.call_id = c.call_id and m.taken_by_id = actor_id)
        or exists (select from contacts_safecontact s where s.contact_id = c.id and s.call_wanted)
        or exists (select from chat_chat h where h.id = c.chat_id and h.operator_id = actor_id and h.state = 'talking')
    ) then return null; end if;
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
    select distinct on (g.key_id) g.key_id, 'u' || actor_id, g.owner_id, g.owner_id, '', g.made_at, '9000-01-01Z'::timestamptz,
        g.wrapped, g.wrapping_key
    from vault_grant g
    where g.agency_id = g.owner_id
        and g.key_id in (select c.key_id union all select s.key_id from contacts_safecontact s where s.contact_id = c.id)
    on conflict do nothing;
    get diagnostics given = row_count;
    return case when given > 0 then c.id end;
end
$$;

-- Adds the call that a visitor placed from their chat to the open contact of this chat, if the actor is in the call, or
-- took its message. A call that somebody answered before keeps its place in the contact.
create or replace function contacts_join_chat(target uuid) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update contacts_contact c set call_id = k.id from switchboard_call k
    where k.id = target and c.chat_id = k.chat and c.state = 'open' and contacts_on_shift()
        and (acting.user_id() = any (k.operators)
            or exists (select from switchboard_message m where m.call_id = k.id and m.taken_by_id = acting.user_id()))
        and not exists (select from contacts_contact o where o.call_id = k.id)
        and not exists (select from switchboard_call o where o.id = c.call_id and o.answered_at is not null)
$$;

-- Whether this call has a contact, also one that the actor may not read.
create or replace function contacts_has_contact(call uuid) returns bool
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select not contacts_on_shift() or exists (select from contacts_contact c where c.call_id = call)
$$;

-- Other contacts of the caller of this call, by pseudonym, newest first; for the shift only.
create or replace function contacts_earlier(call uuid)
returns table(id uuid, number int, started timestamptz, type varchar)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select c.id, c.number, c.started, c.type
    from switchboard_call k
        join switchboard_call other on (other.pseudonym = k.pseudonym and other.id <> k.id) or other.id = k.returns_to
        join contacts_contact c on c.call_id = other.id
    where k.id = call and contacts_on_shift() order by c.started desc, c.number desc
$$;

-- The contact that this one follows, for an actor who holds the key of this one.
create or replace function contacts_predecessor(contact uuid)
returns table(id uuid, number int, started timestamptz, type varchar)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select e.id, e.number, e.started, e.type from contacts_contact c join contacts_contact e on e.id = c.follows_id
    where c.id = contact and contacts_has_key(c.key_id)
$$;

-- The contact with this number, if the actor may link `contact` to it: they hold its key, or it is of the same caller.
-- `comes_after` is true if it already follows `contact`, directly or by others.
create or replace function contacts_by_number(sought_number int, contact uuid)
returns table(id uuid, number int, started timestamptz, type varchar, comes_after bool)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with recursive chain (id, follows_id) as (
        select e.id, e.follows_id from contacts_contact e where e.number = sought_number
        union select n.id, n.follows_id from contacts_contact n join chain on n.id = chain.follows_id
    )
    select e.id, e.number, e.started, e.type, exists (select from chain where chain.id = contact)
    from contacts_contact e join contacts_contact c on c.id = contact
    where e.number = sought_number and e.practice_of_id is null and c.practice_of_id is null
        and contacts_has_key(c.key_id) and (
        contacts_has_key(e.key_id) or e.id in (select s.id from contacts_earlier(c.call_id) s)
    )
$$;

-- The card that says when each of these conversations may be answered, and the conversation `via` which it was found. The
-- card of its contact counts; if that says no hours, the newest one of a contact that it follows, or of another conversation
-- of the same address. If the sender is not confirmed, the cards of the owner of the address count before its own. Runs with
-- the rights of its caller.
create or replace function contacts_cards_of(chats uuid[])
returns table(chat uuid, via uuid, contact uuid, any_hour bool, hours_from time, hours_to time)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    with recursive about (chat, via, contact, follows, is_owners, is_own) as (
        select h.id, o.id, c.id, c.follows_id, o.is_owners, o.id = h.id
        from chat_chat h
            cross join lateral (
                select h.id, false
                union select s.id, false from chat_chat s where s.sender = h.sender
                union select s.id, true from chat_chat s where s.sender = h.claimed_sender
            ) o (id, is_owners)
            join contacts_contact c on c.chat_id = o.id
        where h.id = any (chats)
        union select a.chat, a.via, c.id, c.follows_id, a.is_owners, false
        from about a join contacts_contact c on c.id = a.follows
    )
    select distinct on (a.chat) a.chat, a.via, a.contact, s.any_hour, s.hours_from, s.hours_to
    from about a join contacts_contact c on c.id = a.contact join contacts_safecontact s on s.contact_id = a.contact
    where s.any_hour or s.hours_from is not null and s.hours_to is not null
    order by a.chat, a.is_owners desc, a.is_own desc, c.started desc, c.number desc, a.via = a.chat desc
$$;

-- The safe hours that hold for these conversations in writing, for the shift and the worker. One is left out if no card
-- says hours, or if any is safe.
create or replace function contacts_safe_hours(chats uuid[]) returns table(chat uuid, hours_from time, hours_to time)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select k.chat, k.hours_from, k.hours_to from contacts_cards_of(chats) k
    where not k.any_hour and (contacts_on_shift() or acting.role() = 'system/worker')
$$;

-- Expires the answers that wait for the hours of a card, since nobody knows these any more once its key is destroyed, or
-- that of the earlier conversation that led to it.
create or replace function contacts_expire_answers() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select from contacts_safecontact s where s.key_id = new.id)
        or exists (select from chat_chat h where h.key_id = new.id and h.sender is not null) then
        update chat_chatmessage m set delivery = 'expired'
        from contacts_cards_of(array(select distinct w.chat_id from chat_chatmessage w where w.delivery = 'pending')) k
            join contacts_safecontact s on s.contact_id = k.contact join chat_chat h on h.id = k.via
        where not k.any_hour and new.id in (s.key_id, h.key_id) and m.chat_id = k.chat and m.delivery = 'pending';
    end if;
    return new;
end
$$;

-- Deletes what a destroyed key had sealed, since nobody can read it, and the drafts, citations and debrief of the contact. Columns that
-- figures count stay.
create or replace function contacts_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from contacts_safecontact where key_id = new.id;
    delete from contacts_draft where contact_id in (select id from contacts_contact where key_id = new.id);
    delete from contacts_debrief where contact_id in (select id from contacts_contact where key_id = new.id);
    delete from contacts_citedarticle where contact_id in (select id from contacts_contact where key_id = new.id);
    update contacts_contact set notes = null, edits = '{}' where key_id = new.id;
    update switchboard_message set number = null, sound = null where key_id = new.id;
    return null;
end
$$;

-- Deletes every grant of the bearer of a return code, and returns their number. The actor must hold the key of the
-- code.
create or replace function contacts_revoke_code(code uuid) returns bigint
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    with gone as (
        delete from vault_grant g using contacts_returncode c
        where c.id = code and g.holder = c.bearer and (select (vault_own_copy(c.key_id)).key_id) is not null
        returning 1
    ) select count(*) from gone
$$;

-- Starts the retention period of a contact, its card, its return codes and its chat at `at`; null stops it. The actor
-- must hold the key of the contact. A card or code whose key they lack is left as it is; the chat is not, because a
-- colleague in the call closes its contact and does not read its chat. The period of a chat that goes on does not start.
create or replace function contacts_close_records(contact uuid, at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare c contacts_contact%rowtype;
begin
    select * into c from contacts_contact where id = contact;
    if not found or (vault_own_copy(c.key_id)).key_id is null then
        raise exception 'only who holds the key of a contact can close its records' using errcode = '42501';
    end if;
    update vault_datakey d set closed_at = at
    where d.forgotten_at is null and d.id in (
        select c.key_id
        union all select s.key_id from contacts_safecontact s
        where s.contact_id = c.id and (vault_own_copy(s.key_id)).key_id is not null
        union all select r.key_id from contacts_returncode r
        where r.contact_id = c.id and (vault_own_copy(r.key_id)).key_id is not null
        union all select h.key_id from chat_chat h
        where h.id = c.chat_id and (h.state = 'ended' or at is null)
    );
end
$$;

-- Runs contacts_expire_answers before a key is destroyed: chat_forget deletes the token of the address.
create or replace trigger answers_expire before update of forgotten_at on vault_datakey
    for each row
    when (new.forgotten_at is not null)
    execute function contacts_expire_answers();

-- Runs contacts_forget when a key is destroyed.
create or replace trigger contacts_are_forgotten after update of forgotten_at on vault_datakey
    for each row
    when (new.forgotten_at is not null)
    execute function contacts_forget();

-- A bearer may add only messages of their own, unread.
drop policy if exists a_bearer_adds_only_own_messages on contacts_returncodemessage;
create policy a_bearer_adds_only_own_messages on contacts_returncodemessage as restrictive for insert with check (
    coalesce((select acting.role()), '') not like 'bearer/%' or (from_bearer and by_id is null and read_at is null));

-- A practice contact is seen by its trainee alone: by no colleague, supervisor, process or figure.
drop policy if exists practice_is_its_trainees_alone on contacts_contact;
create policy practice_is_its_trainees_alone on contacts_contact as restrictive for all using (
    practice_of_id is null or practice_of_id = (select acting.user_id()));

-- The numbers in the codes of these contacts, by their data keys; for auditors, whose ledger knows them by a key alone.
create or replace function contacts_numbers(files uuid[]) returns table (file uuid, number int)
language sql stable security definer as $$
    select r.key_id, r.number from contacts_contact r where r.key_id = any (files) and audit.is_auditor()
$$;

-- Refuses to cite an article that is not published, also if it is retired at the same moment.
create or replace function contacts_cite() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from knowledge_article a join knowledge_articleversion v on v.article_id = a.id
        where v.id = new.version_id and a.state = 'published' for share of a;
    if not found then
        raise exception 'only a published article is cited' using errcode = '23514';
    end if;
    return new;
end
$$;

-- Runs contacts_cite before each citation.
create or replace trigger only_published_articles_are_cited before insert or update on contacts_citedarticle
    for each row
    execute function contacts_cite();

from django.db import migrations, models

GIVE = """
insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
select k.id, h.holder, 1, 1, '', k.made_at, '9000-01-01Z', k.wrapped, 'file:vault'
from ({holders}) h (key_id, holder) join vault_datakey k on k.id = h.key_id
where k.wrapped is not null on conflict do nothing;
update vault_datakey set kind = '{kind}' where id in (select key_id from {table});
"""

HOLDERS = [
    ("seat", "roster_seat", "select key_id, 'u' || user_id from roster_seat union all "
     "select key_id, '0:switchboard' from roster_seat"),
    ("message", "switchboard_message", "select key_id, h from switchboard_message, "
     "unnest(array['1:operator', '1:supervisor']) h"),
    ("contact", "contacts_contact", "select c.key_id, 'u' || o.user_id from contacts_contact_operators o "
     "join contacts_contact c on c.id = o.contact_id union select key_id, '1:supervisor' from contacts_contact"),
    ("card", "contacts_safecontact", "select s.key_id, 'u' || o.user_id from contacts_contact_operators o "
     "join contacts_safecontact s on s.contact_id = o.contact_id "
     "union select key_id, '1:supervisor' from contacts_safecontact "
     "union select key_id, '1:operator' from contacts_safecontact where call_wanted"),
]  # fmt: skip

FUNCTIONS = """
create function contacts_own_key(key uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
    select exists (select from vault_grant g
        where g.key_id = key and g.holder = any (acting.holders()) and g.expires_at > now())
$$;

create function contacts_on_shift() returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
    select coalesce(acting.role() in ('hotline/operator', 'hotline/supervisor'), false)
$$;

-- Lets who acts into the contact of this id, or of this call, if they are in its call, took its message, or call its
-- person back. Answers the contact they came into; null when they were in it already, or do not belong there.
create function contacts_let_in(it uuid) returns uuid
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    me int := acting.user_id();
    c contacts_contact%rowtype;
    given bigint;
begin
    select * into c from contacts_contact where id = it or call_id = it;
    if not found or not contacts_on_shift() or not (
        exists (select from switchboard_call k where k.id = c.call_id and me = any (k.operators || k.invited))
        or exists (select from switchboard_message m where m.call_id = c.call_id and m.taken_by_id = me)
        or exists (select from contacts_safecontact s where s.contact_id = c.id and s.call_wanted)
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

create function contacts_earlier(call uuid) returns table (id uuid, number int, started timestamptz, type varchar)
language sql stable security definer set search_path = pg_catalog, public as $$
    select c.id, c.number, c.started, c.type
    from switchboard_call k join switchboard_call other on other.pseudonym = k.pseudonym and other.id <> k.id
        join contacts_contact c on c.call_id = other.id
    where k.id = call and contacts_on_shift() order by c.started desc, c.number desc
$$;

create function contacts_followed(contact uuid) returns table (id uuid, number int, started timestamptz, type varchar)
language sql stable security definer set search_path = pg_catalog, public as $$
    select e.id, e.number, e.started, e.type from contacts_contact c join contacts_contact e on e.id = c.follows_id
    where c.id = contact and contacts_own_key(c.key_id)
$$;

create function contacts_named(wanted int, contact uuid)
returns table (id uuid, number int, started timestamptz, type varchar, comes_after boolean)
language sql stable security definer set search_path = pg_catalog, public as $$
    with recursive chain (id, follows_id) as (
        select e.id, e.follows_id from contacts_contact e where e.number = wanted
        union select n.id, n.follows_id from contacts_contact n join chain on n.id = chain.follows_id
    )
    select e.id, e.number, e.started, e.type, exists (select from chain where chain.id = contact)
    from contacts_contact e join contacts_contact c on c.id = contact
    where e.number = wanted and contacts_own_key(c.key_id) and (
        contacts_own_key(e.key_id) or e.id in (select s.id from contacts_earlier(c.call_id) s)
    )
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0001_initial"),
        ("roster", "0001_initial"),
        ("switchboard", "0001_initial"),
        ("vault", "0002_keys_are_granted"),
    ]
    run_before = [("vault", "0003_a_key_is_in_its_copies")]

    operations = [
        *(
            migrations.RunSQL(GIVE.format(kind=kind, table=table, holders=holders), "")
            for kind, table, holders in HOLDERS
        ),
        migrations.RunSQL(
            FUNCTIONS,
            "drop function contacts_named, contacts_followed, contacts_earlier, "
            "contacts_let_in, contacts_on_shift, contacts_own_key",
        ),
        migrations.RemoveField("contact", "operators"),
        migrations.AddField("safecontact", "contact_number", models.IntegerField(default=0, editable=False), False),
        migrations.RunSQL(
            "update contacts_safecontact s set contact_number = c.number from contacts_contact c "
            "where c.id = s.contact_id",
            "",
        ),
    ]

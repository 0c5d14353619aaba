import datetime

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

FUNCTIONS = """
create function vault_own_copy(key uuid) returns vault_grant
language sql stable security definer set search_path = pg_catalog, public as $$
    select g from vault_grant g where g.key_id = key and g.holder = any (acting.holders())
        and g.expires_at > now() and g.agency_id = g.owner_id limit 1
$$;

create function vault_make_key(key uuid, agency int, kind text, holders text[], wrapped bytea, wrapping_key text)
returns void language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    if acting.role() is null or (acting.role() not like 'system/%' and acting.agency_id() <> agency) then
        raise exception 'nobody may make a key for another agency' using errcode = '42501';
    end if;
    insert into vault_datakey (id, agency_id, kind, made_at) values (key, agency, kind, now());
    insert into vault_grant (key_id, holder, agency_id, owner_id, purpose, made_at, expires_at, wrapped, wrapping_key)
        select key, holder, agency, agency, '', now(), '9000-01-01Z', wrapped, wrapping_key from unnest(holders) holder;
end $$;

create function vault_make_key_beside(key uuid, other uuid, kind text, wrapped bytea, wrapping_key text)
returns void language plpgsql security definer set search_path = pg_catalog, public as $$
declare own vault_grant := vault_own_copy(other);
begin
    if own.key_id is null then
        raise exception 'only who holds a key can make one beside it' using errcode = '42501';
    end if;
    insert into vault_datakey (id, agency_id, kind, made_at) values (key, own.owner_id, kind, now());
    insert into vault_grant
        (key_id, holder, agency_id, owner_id, purpose, basis, made_at, expires_at, wrapped, wrapping_key)
    select key, g.holder, g.agency_id, g.owner_id, g.purpose, g.basis, now(), g.expires_at,
        vault_make_key_beside.wrapped, vault_make_key_beside.wrapping_key
    from vault_grant g where g.key_id = other and g.agency_id = g.owner_id;
end $$;

create function vault_give(key uuid, holder text, agency int, purpose text, basis uuid, until timestamptz)
returns void language plpgsql security definer set search_path = pg_catalog, public as $$
declare own vault_grant := vault_own_copy(key);
begin
    if own.key_id is null then
        raise exception 'only who holds a key can give it' using errcode = '42501';
    end if;
    insert into vault_grant
        (key_id, holder, agency_id, owner_id, purpose, basis, made_at, expires_at, wrapped, wrapping_key)
    values (key, holder, agency, own.owner_id, purpose, basis, own.made_at, until, own.wrapped, own.wrapping_key)
    on conflict on constraint a_holder_has_one_copy_of_a_key
    do update set purpose = excluded.purpose, basis = excluded.basis, expires_at = excluded.expires_at;
end $$;

create function vault_take(key uuid, holder text) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare own vault_grant := vault_own_copy(key);
begin
    if own.key_id is null then
        raise exception 'only who holds a key can take it back' using errcode = '42501';
    end if;
    delete from vault_grant g where g.key_id = key and g.holder = vault_take.holder;
end $$;

create function vault_withdraw(basis uuid) returns bigint
language sql security definer set search_path = pg_catalog, public as $$
    with gone as (
        delete from vault_grant g where g.basis = vault_withdraw.basis
            and (select (vault_own_copy(g.key_id)).key_id) is not null
        returning 1
    ) select count(*) from gone
$$;

create function vault_forget(key uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    if acting.role() is distinct from 'system/worker' and (vault_own_copy(key)).key_id is null then
        raise exception 'only who holds a key can destroy it' using errcode = '42501';
    end if;
    delete from vault_grant g where g.key_id = key;
    update vault_datakey set forgotten_at = now() where id = key;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_who_is_acting"), ("vault", "0001_initial")]

    operations = [
        migrations.AddField("datakey", "agency_id", models.IntegerField(default=1), preserve_default=False),
        migrations.AddField("datakey", "kind", models.CharField(default="", max_length=16), preserve_default=False),
        migrations.AddField("datakey", "forgotten_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "datakey", "made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())
        ),
        migrations.RunSQL("update vault_datakey set forgotten_at = now() where wrapped is null", ""),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("holder", models.CharField(max_length=40)),
                ("agency_id", models.IntegerField()),
                ("owner_id", models.IntegerField()),
                ("purpose", models.CharField(blank=True, max_length=40)),
                ("basis", models.UUIDField(null=True)),
                ("made_at", models.DateTimeField()),
                (
                    "expires_at",
                    models.DateTimeField(default=datetime.datetime(9000, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                ),
                ("wrapped", models.BinaryField()),
                ("wrapping_key", models.CharField(max_length=60)),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="vault.datakey",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["holder", "-made_at"], name="grants_newest_first"),
                    models.Index(
                        condition=models.Q(("basis__isnull", False)), fields=["basis"], name="grants_by_basis"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "holder"), name="a_holder_has_one_copy_of_a_key"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agency_id", models.F("owner_id")), ("basis__isnull", False), _connector="OR"
                        ),
                        name="another_agency_needs_a_basis",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            FUNCTIONS,
            "drop function vault_forget, vault_make_key_beside, vault_withdraw, vault_take, vault_give, vault_own_copy, vault_make_key",
        ),
    ]

from django.db import migrations, models

FUNCTIONS = """
create or replace function vault_make_key_beside(key uuid, other uuid, kind text, wrapped bytea, wrapping_key text)
returns void language plpgsql security definer set search_path = pg_catalog, public as $$
declare own vault_grant := vault_own_copy(other);
begin
    if own.key_id is null then
        raise exception 'only who holds a key can make one beside it' using errcode = '42501';
    end if;
    -- What is made beside a closed or held record is closed and held with it.
    insert into vault_datakey (id, agency_id, kind, made_at, closed_at, held)
    select key, own.owner_id, vault_make_key_beside.kind, now(), k.closed_at, k.held from vault_datakey k where k.id = other;
    insert into vault_grant
        (key_id, holder, agency_id, owner_id, purpose, basis, made_at, expires_at, wrapped, wrapping_key)
    select key, g.holder, g.agency_id, g.owner_id, g.purpose, g.basis, now(), g.expires_at,
        vault_make_key_beside.wrapped, vault_make_key_beside.wrapping_key
    from vault_grant g where g.key_id = other and g.agency_id = g.owner_id;
end $$;

create function vault_close(key uuid, at timestamptz) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    if (vault_own_copy(key)).key_id is null then
        raise exception 'only who holds a key can close its record' using errcode = '42501';
    end if;
    update vault_datakey set closed_at = at where id = key;
end $$;

create function vault_hold(key uuid, why text) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    if acting.role() not like '%/supervisor' or (vault_own_copy(key)).key_id is null then
        raise exception 'only a supervisor who holds a key can hold its record' using errcode = '42501';
    end if;
    update vault_datakey set held = why where id = key;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0006_records_are_found_by_tokens")]

    operations = [
        migrations.AddField("datakey", "closed_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "datakey",
            "held",
            models.CharField(
                blank=True,
                choices=[
                    ("court", "a court or prosecutor asked to keep it"),
                    ("complaint", "a complaint about our work"),
                    ("person", "the person asked us to keep it"),
                ],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            "datakey",
            models.CheckConstraint(
                condition=models.Q(("held", ""), ("forgotten_at", None), _connector="OR"),
                name="what_is_held_is_not_forgotten",
            ),
        ),
        migrations.AddIndex(
            "datakey",
            models.Index(
                condition=models.Q(("closed_at__isnull", False), ("forgotten_at", None)),
                fields=["kind", "closed_at"],
                name="keys_to_forget",
            ),
        ),
        migrations.CreateModel(
            name="Retention",
            fields=[
                ("kind", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("days", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
    ]

import django.db.models.deletion
from django.db import migrations, models

FORGET = """
create or replace function vault_forget(key uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    if acting.role() is distinct from 'system/worker' and (vault_own_copy(key)).key_id is null then
        raise exception 'only who holds a key can destroy it' using errcode = '42501';
    end if;
    delete from vault_token t where t.key_id = key;
    delete from vault_grant g where g.key_id = key;
    update vault_datakey set forgotten_at = now() where id = key;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0005_keys_are_rolled")]

    operations = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("name", "Name"), ("number", "Number"), ("word", "Word")], max_length=8),
                ),
                ("token", models.BinaryField(max_length=16)),
                ("made_with", models.CharField(max_length=8)),
                (
                    "key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="vault.datakey",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["token"], name="tokens_by_value")],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "kind", "token"), name="a_record_has_a_token_once")
                ],
            },
        ),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
    ]

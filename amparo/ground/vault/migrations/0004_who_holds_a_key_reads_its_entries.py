"""What the ledger asks of the vault: may whoever acts open this file, and so read who opened it?"""

from django.db import migrations

MAY_OPEN = """
create or replace function audit.may_open(file uuid) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from public.vault_grant g
        where g.key_id = file and g.holder = any (acting.holders()) and g.expires_at > now()
    )
$$;
"""
NOBODY = """
create or replace function audit.may_open(file uuid) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as 'select false';
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0003_a_key_is_in_its_copies"), ("audit", "0002_only_appended")]

    operations = [migrations.RunSQL(MAY_OPEN, NOBODY)]

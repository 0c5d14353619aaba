"""Who ends a code ends it for every record, held by themselves or not; and whoever has one says nothing in our name."""

from django.db import migrations

FUNCTION = """
create function contacts_end_code(code uuid) returns bigint
language sql security definer set search_path = pg_catalog, public as $$
    with gone as (
        delete from vault_grant g using contacts_returncode c
        where c.id = code and g.holder = c.bearer and (select (vault_own_copy(c.key_id)).key_id) is not null
        returning 1
    ) select count(*) from gone
$$;
"""
POLICY = """
create policy a_bearer_adds_her_own_words on contacts_word as restrictive for insert with check (
    coalesce((select acting.role()), '') not like 'bearer/%' or (is_hers and by_id is null and read_at is null));
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0005_a_code_to_come_back_with"), ("vault", "0008_another_agency_needs_an_end")]
    operations = [
        migrations.RunSQL(FUNCTION, "drop function contacts_end_code"),
        migrations.RunSQL(POLICY, "drop policy a_bearer_adds_her_own_words on contacts_word"),
    ]

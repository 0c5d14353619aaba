"""A page without a script has no live stream: who changed her seat or wrote a moment ago has not gone either."""

from django.db import migrations

PASS_ON = """
create or replace function chat_pass_on(gone_since timestamptz) returns table (chat uuid, key uuid)
language sql security definer set search_path = pg_catalog, public as $$
    update chat_chat c set state = 'waiting', operator_id = null
    where c.state = 'talking' and acting.role() = 'system/worker'
        and not exists (select from roster_seat s where s.user_id = c.operator_id and {seen} > gone_since){wrote}
    returning c.id, c.key_id
$$;
"""
WROTE = """
        and not exists (select from chat_written w
            where w.chat_id = c.id and w.by_id = c.operator_id and w.at > gone_since)"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0004_whose_operator_went")]
    operations = [
        migrations.RunSQL(
            PASS_ON.format(seen="greatest(s.seen_at, s.since)", wrote=WROTE),
            PASS_ON.format(seen="s.seen_at", wrote=""),
        )
    ]

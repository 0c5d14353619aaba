"""Whether who answers her is still there; and a chat whose operator went waits again, in its old place."""

from django.db import migrations

BEFORE = """
drop function chat_before;
create function chat_before(chat uuid, on_shift_since timestamptz, out before bigint, out on_shift bigint{out})
language sql stable security definer set search_path = pg_catalog, public as $$
    select (select count(*) from chat_chat c join chat_chat o on (o.turn_at, o.id) < (c.turn_at, c.id)
            where c.id = chat and o.state = 'waiting'),
        (select count(*) from roster_seat s where s.state <> 'off' and s.seen_at > on_shift_since){asked}
    where chat_is_hers(chat)
$$;
"""
WITH_HER = """,
        exists (select from chat_chat c join roster_seat s on s.user_id = c.operator_id
            where c.id = chat and s.seen_at > on_shift_since)"""
TELLS = BEFORE.format(out=", out is_with_her boolean", asked=WITH_HER)
PASS_ON = """
create function chat_pass_on(gone_since timestamptz) returns table (chat uuid, key uuid)
language sql security definer set search_path = pg_catalog, public as $$
    update chat_chat c set state = 'waiting', operator_id = null
    where c.state = 'talking' and acting.role() = 'system/worker'
        and not exists (select from roster_seat s where s.user_id = c.operator_id and s.seen_at > gone_since)
    returning c.id, c.key_id
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_one_chat_for_a_receipt")]
    operations = [
        migrations.RunSQL(TELLS, BEFORE.format(out="", asked="")),
        migrations.RunSQL(PASS_ON, "drop function chat_pass_on"),
    ]

"""Whoever has a code hears how far each referral of theirs came, and reads no row of it: not its facts, not to whom."""

from django.db import migrations

TOLD = """
create function referrals_told(people uuid[]) returns table (at timestamptz, kind varchar)
language sql stable security definer set search_path = pg_catalog, public as $$
    with hers as (
        select r.id, r.sent_at from referrals_referral r
        where r.person_id = any (people) and (select (vault_own_copy(r.key_id)).key_id) is not null
    )
    select sent_at, 'asked' from hers
    union all select t.at, t.kind from referrals_turn t join hers on hers.id = t.referral_id where t.kind <> 'told'
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0005_traces_of_a_report"), ("vault", "0002_keys_are_granted")]
    operations = [migrations.RunSQL(TOLD, "drop function referrals_told")]

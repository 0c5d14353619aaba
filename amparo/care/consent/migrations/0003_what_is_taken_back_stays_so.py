"""Whoever has a code takes a consent back, and nothing else: not even their own withdrawal."""

from django.db import migrations

POLICY = """
create policy a_bearer_takes_back_what_stands on consent_consent as restrictive for update
    using (coalesce((select acting.role()), '') not like 'bearer/%' or withdrawn_at is null)
    with check (coalesce((select acting.role()), '') not like 'bearer/%' or withdrawn_at is not null);
"""


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_taken_back_by_herself"), ("core", "0001_who_is_acting")]
    operations = [migrations.RunSQL(POLICY, "drop policy a_bearer_takes_back_what_stands on consent_consent")]

"""A court order is for those whom it names, and counts once a supervisor reviewed it, in their own name."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models

# What was written before is for all authorities, as it was meant; and was told on what is live by today's rule alone.
# `force`: an owner who is no superuser is bound by the policies too, and would find no row.
BEFORE_IT_NAMED = """
alter table consent_basis no force row level security;
alter table vault_grant no force row level security;
update consent_basis set recipients = '{police,prosecutor,child_protection}' where kind = 'court_order';
delete from vault_grant g using consent_basis b
    where g.basis = b.id and b.kind = 'court_order' and (b.stands is not true or not exists (
        select from access_agency a where a.id = g.agency_id and a.kind in ('police', 'prosecutor')));
set constraints all immediate;
alter table consent_basis force row level security;
alter table vault_grant force row level security;
"""
IN_THEIR_OWN_NAME = """
create policy a_supervisor_reviews_in_their_own_name on consent_basis as restrictive for update
    using (true) with check (reviewed_by_id = (select acting.user_id())
        and (select acting.role()) = 'hotline/supervisor');
create policy a_basis_is_written_in_ones_own_name on consent_basis as restrictive for insert
    with check (decided_by_id = (select acting.user_id()) and reviewed_at is null);
"""
IN_ANY = """
drop policy a_basis_is_written_in_ones_own_name on consent_basis;
drop policy a_supervisor_reviews_in_their_own_name on consent_basis;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0004_who_is_told_without_consent"),
        ("vault", "0010_a_copy_is_known_by_its_key_and_holder"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="basis",
            name="recipients",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("police", "police"),
                        ("prosecutor", "prosecutor's office"),
                        ("child_protection", "child protection unit"),
                        ("service_provider", "service that helps people"),
                        ("embassy", "embassy or consulate"),
                        ("placement_escort", "who brings the person to the house"),
                        ("media", "press"),
                    ],
                    max_length=20,
                ),
                db_default=[],
                default=list,
            ),
        ),
        migrations.RunSQL(BEFORE_IT_NAMED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="basis",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("recipients", []),
                    models.Q(
                        ("kind", "court_order"),
                        ("recipients__contained_by", ["police", "prosecutor", "child_protection"]),
                    ),
                    _connector="OR",
                ),
                name="a_court_names_authorities_alone",
            ),
        ),
        migrations.RunSQL(IN_THEIR_OWN_NAME, IN_ANY),
    ]

"""Whom the line tells without consent. What two agreed on stays as they agreed."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

AGREED_ONCE = """
create policy a_version_is_agreed_on_once on consent_policyversion as restrictive for update
    using (agreed_at is null) with check (agreed_at is not null);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0003_what_is_taken_back_stays_so"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "in_danger",
                    django.contrib.postgres.fields.ArrayField(
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
                        blank=True,
                    ),
                ),
                (
                    "for_a_child",
                    django.contrib.postgres.fields.ArrayField(
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
                        blank=True,
                    ),
                ),
                (
                    "by_duty",
                    django.contrib.postgres.fields.ArrayField(
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
                        blank=True,
                    ),
                ),
                ("why", models.TextField()),
                ("is_confirmed", models.BooleanField(default=False)),
                ("written_at", models.DateTimeField()),
                ("agreed_at", models.DateTimeField(null=True)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agreed_at", None), ("agreed_by", None)),
                            models.Q(
                                ("agreed_at__isnull", False),
                                ("agreed_by__isnull", False),
                                models.Q(("agreed_by", models.F("written_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="two_people_agree_on_a_policy",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("for_a_child__contained_by", ["police", "prosecutor", "child_protection"]),
                            ("in_danger__contained_by", ["police", "prosecutor", "child_protection"]),
                            ("by_duty__contained_by", ["police", "prosecutor", "child_protection"]),
                        ),
                        name="without_consent_only_authorities_are_told",
                    ),
                ],
            },
        ),
        migrations.RunSQL(AGREED_ONCE, "drop policy a_version_is_agreed_on_once on consent_policyversion"),
    ]

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import amparo.ground.vault.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("vault", "0007_records_are_forgotten_in_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Basis",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("imminent_danger", "somebody may be killed or badly hurt soon"),
                            ("court_order", "a court ordered it"),
                            ("duty_to_report", "whoever learnt of it must report the facts by law"),
                        ],
                        max_length=20,
                    ),
                ),
                ("facts", amparo.ground.vault.fields.SealedField()),
                ("caller_is_in_danger", models.BooleanField(default=False)),
                ("decided_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("stands", models.BooleanField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["key"], name="bases_of_a_case")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reviewed_at", None), ("reviewed_by", None), ("stands", None)),
                            models.Q(
                                ("reviewed_at__isnull", False),
                                ("reviewed_by__isnull", False),
                                ("stands__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_review_says_who_and_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_by", None),
                            models.Q(("reviewed_by", models.F("decided_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="nobody_reviews_their_own_decision",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("decided_at"))), name="a_basis_ends"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "data",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("incident_facts", "what happened, without names"),
                                ("subject_identity", "who the person is"),
                                ("caller_identity", "who called"),
                                ("safe_house_address", "where a safe house is"),
                            ],
                            max_length=20,
                        )
                    ),
                ),
                (
                    "recipients",
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
                        )
                    ),
                ),
                ("purpose", amparo.ground.vault.fields.SealedField()),
                (
                    "told",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("purpose", "what it is for"),
                                ("use", "who will see it, and what they may do with it"),
                                ("research", "that it is counted without her name"),
                                ("access", "that she can ask us what we keep"),
                                ("storage", "how long it is kept"),
                                ("withdrawal", "that she can take it back at any time, and loses no help by it"),
                            ],
                            max_length=12,
                        )
                    ),
                ),
                (
                    "given_how",
                    models.CharField(
                        choices=[
                            ("voice", "by voice"),
                            ("text", "by a message that was answered"),
                            ("written", "in writing, signed"),
                            ("digital", "by a digital signature"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "guardian",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("consents", "a parent or guardian agrees too"),
                            ("implicated", "the guardian is involved: child protection decides"),
                            ("absent", "there is no guardian: child protection decides"),
                        ],
                        max_length=12,
                    ),
                ),
                ("given_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="people.person"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "-given_at"], name="consents_newest_first")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("told__len", 6)), name="consent_is_informed"),
                    models.CheckConstraint(
                        condition=models.Q(("data__len__gt", 0), ("recipients__len__gt", 0)),
                        name="consent_says_what_and_to_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("data__contains", ["safe_house_address"]), _negated=True),
                        name="nobody_consents_away_a_safe_house",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("given_at"))), name="consent_ends"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                            models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_withdrawal_says_who_wrote_it_down",
                    ),
                ],
            },
        ),
    ]

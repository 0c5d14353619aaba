import uuid

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
            name="Screening",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="screening",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                ("answers", models.JSONField(default=dict)),
                ("edits", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=0)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("answers", models.JSONField()),
                (
                    "age",
                    models.CharField(
                        choices=[("child", "under 18"), ("adult", "18 or older"), ("unknown", "age not known")],
                        max_length=8,
                    ),
                ),
                ("rule", models.CharField(max_length=60)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("possible_victim", "possible victim of trafficking"),
                            ("not_indicated", "trafficking not indicated"),
                            ("insufficient_information", "not enough is known"),
                        ],
                        max_length=26,
                    ),
                ),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("trafficking_indicated", "trafficking is indicated"),
                            ("forced_labour_indicated", "forced labour is indicated"),
                            ("deception_and_exploitation", "deception and exploitation"),
                            ("exploitation_only", "exploitation without the other signs"),
                            ("not_indicated", "not indicated"),
                        ],
                        max_length=28,
                    ),
                ),
                ("remark", amparo.ground.vault.fields.SealedField(null=True)),
                ("signed_at", models.DateTimeField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assessments", to="people.person"
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "-signed_at"], name="assessments_newest_first")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("result__in", ["possible_victim", "not_indicated", "insufficient_information"])
                        ),
                        name="no_assessment_is_a_verdict",
                    )
                ],
            },
        ),
    ]

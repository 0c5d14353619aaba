import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import amparo.ground.vault.fields

FIVE_YEARS = 5 * 365  # standards.md H14


def say_how_long(apps, schema_editor) -> None:
    apps.get_model("vault", "Retention").objects.get_or_create(kind="report", defaults={"days": FIVE_YEARS})


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("access", "0003_sign_in"),
        ("cases", "0003_keys_beside"),
        ("people", "0001_initial"),
        ("vault", "0007_records_are_forgotten_in_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("create sequence reports_number", "drop sequence reports_number"),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "number",
                    models.IntegerField(
                        db_default=models.Func(models.Value("reports_number"), function="nextval"),
                        editable=False,
                        unique=True,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("victim", "the person herself"),
                            ("witness", "somebody who saw it"),
                            ("third_party", "a tip of somebody who heard of it"),
                        ],
                        max_length=12,
                    ),
                ),
                ("ubigeo", models.CharField(blank=True, max_length=6)),
                ("is_danger", models.BooleanField()),
                ("facts", amparo.ground.vault.fields.SealedField()),
                ("names", amparo.ground.vault.fields.SealedField(null=True)),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("safe_house_secrecy", "the address belongs to all who live there"),
                            ("active_placement_transport", "two people approved the placement"),
                            ("court_order", "court order"),
                            ("consent", "consent"),
                            ("caller_protected", "who called stays unnamed"),
                            ("imminent_danger", "imminent danger"),
                            ("child_at_risk", "child at risk"),
                            ("duty_to_report", "duty to report"),
                            ("no_basis", "nothing allows it"),
                        ],
                        max_length=32,
                    ),
                ),
                ("basis", models.UUIDField()),
                ("policy", models.CharField(max_length=40)),
                ("sent_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="cases.case",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "to_agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.agency"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("received", "received, with a folio"),
                            ("asked", "a question back"),
                            ("answered", "the answer of the line"),
                            ("decided", "decided"),
                            ("outcome", "what came of it"),
                            ("told", "told back to her"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("investigated", "an investigation is open"),
                            ("acted", "they went there"),
                            ("passed_on", "passed on to the unit it belongs to"),
                            ("more_needed", "more is needed before anything can be done"),
                            ("shelved", "shelved"),
                        ],
                        max_length=14,
                    ),
                ),
                ("words", amparo.ground.vault.fields.SealedField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "by",
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
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="referrals.report"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["case", "-sent_at"], name="reports_of_a_case"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("sent_at"))), name="a_report_ends"
            ),
        ),
        migrations.AddIndex(
            model_name="step",
            index=models.Index(fields=["report", "kind", "at"], name="steps_of_a_report"),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "received")), fields=("report",), name="a_report_is_received_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "decided"), models.Q(("decision", ""), _negated=True)),
                    models.Q(models.Q(("kind", "decided"), _negated=True), ("decision", "")),
                    _connector="OR",
                ),
                name="a_decision_says_which",
            ),
        ),
        migrations.RunPython(say_how_long, migrations.RunPython.noop),
    ]

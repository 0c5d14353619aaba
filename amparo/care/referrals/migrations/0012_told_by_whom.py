import django.db.models.deletion
from django.db import migrations, models

import amparo.ground.vault.fields

SOURCES = [
    ("victim", "the person herself"),
    ("witness", "somebody who saw or heard it"),
    ("third_party", "a tip of somebody who heard of it"),
]
BECAUSE = [
    ("safe_house_secrecy", "the address belongs to all who live there"),
    ("active_placement_transport", "two people approved the placement"),
    ("court_order", "court order"),
    ("consent", "consent"),
    ("caller_protected", "who called stays unnamed"),
    ("imminent_danger", "imminent danger"),
    ("child_at_risk", "child at risk"),
    ("duty_to_report", "duty to report"),
    ("no_basis", "nothing allows it"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0011_areas_of_units"),
        ("vault", "0008_another_agency_needs_an_end"),
    ]

    operations = [
        migrations.AddField(
            "report",
            "known_how",
            models.CharField(
                blank=True, choices=[("seen", "it was seen"), ("heard", "it was heard")], db_default="", max_length=5
            ),
        ),
        migrations.AlterField("report", "source", models.CharField(choices=SOURCES, max_length=12)),
        migrations.CreateModel(
            name="CallerInReport",
            fields=[
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="referrals.report",
                    ),
                ),
                ("names", amparo.ground.vault.fields.SealedField()),
                ("because", models.CharField(choices=BECAUSE, max_length=32)),
                ("basis", models.UUIDField()),
                ("until", models.DateTimeField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
            ],
            options={"verbose_name_plural": "callers in reports"},
        ),
    ]

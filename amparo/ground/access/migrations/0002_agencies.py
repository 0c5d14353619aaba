import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Agency",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hotline", "hotline"),
                            ("police", "police"),
                            ("prosecutor", "prosecutor's office"),
                            ("ministry", "ministry"),
                            ("ngo", "non-governmental organisation"),
                            ("shelter", "shelter"),
                        ],
                        max_length=12,
                    ),
                ),
                ("is_invented", models.BooleanField(default=False)),
            ],
            options={"verbose_name_plural": "agencies"},
        ),
        migrations.RunSQL(
            """insert into access_agency (id, name, kind, is_invented) overriding system value
               values (1, 'Línea de ayuda', 'hotline', false);
               select setval(pg_get_serial_sequence('access_agency', 'id'), 1)""",
            "",
        ),
        migrations.AlterField(
            "user",
            "role",
            models.CharField(
                choices=[
                    ("operator", "operator"),
                    ("supervisor", "supervisor"),
                    ("case_worker", "case worker"),
                    ("placement_officer", "placement officer"),
                    ("police_liaison", "police liaison"),
                    ("directory_editor", "directory editor"),
                    ("plan_coordinator", "plan coordinator"),
                    ("plan_respondent", "plan respondent"),
                    ("campaign_officer", "campaign officer"),
                    ("publisher", "publisher"),
                    ("auditor", "auditor"),
                    ("administrator", "administrator"),
                ],
                default="operator",
                max_length=20,
            ),
        ),
        migrations.AddField(
            "user",
            "agency",
            models.ForeignKey(
                default=1,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="people",
                to="access.agency",
            ),
        ),
        migrations.AlterModelManagers("user", []),
    ]

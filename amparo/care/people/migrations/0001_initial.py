import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import amparo.ground.vault.fields

FORGET = """
-- Who somebody is goes with its key; the person stays as she is counted.
create function people_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    delete from people_identity where key_id = new.id;
    update people_person set remarks = null where key_id = new.id;
    return null;
end $$;
create trigger people_are_forgotten after update of forgotten_at on vault_datakey
    for each row when (new.forgotten_at is not null) execute function people_forget();
"""
FIVE_YEARS = 5 * 365  # standards.md H14


def say_how_long(apps, schema_editor) -> None:
    apps.get_model("vault", "Retention").objects.get_or_create(kind="identity", defaults={"days": FIVE_YEARS})


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("vault", "0007_records_are_forgotten_in_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("create sequence people_number", "drop sequence people_number"),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "number",
                    models.IntegerField(
                        db_default=models.Func(models.Value("people_number"), function="nextval"),
                        editable=False,
                        unique=True,
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("at_risk", "person at risk"),
                            ("caller", "who calls"),
                            ("alleged_perpetrator", "alleged perpetrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("age_at_events", models.PositiveSmallIntegerField(null=True)),
                (
                    "age_certainty",
                    models.CharField(blank=True, choices=[("sure", "sure"), ("estimated", "estimated")], max_length=10),
                ),
                (
                    "gender",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("feminine", "feminine"),
                            ("masculine", "masculine"),
                            ("transgender_feminine", "transgender feminine"),
                            ("transgender_masculine", "transgender masculine"),
                            ("non_conforming", "non-conforming"),
                            ("unknown", "not known, or not said"),
                        ],
                        max_length=24,
                    ),
                ),
                ("citizenship", models.CharField(blank=True, max_length=2)),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("es", "Spanish"),
                                ("qu", "Quechua"),
                                ("ay", "Aymara"),
                                ("en", "English"),
                                ("other", "Another language"),
                            ],
                            max_length=8,
                        ),
                        default=list,
                    ),
                ),
                ("ubigeo_origin", models.CharField(blank=True, max_length=6)),
                ("ubigeo_now", models.CharField(blank=True, max_length=6)),
                ("remarks", amparo.ground.vault.fields.SealedField(null=True)),
                ("made_at", models.DateTimeField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="duplicates",
                        to="people.person",
                    ),
                ),
                (
                    "same_human_as",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "people",
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="people.person",
                    ),
                ),
                ("names", amparo.ground.vault.fields.SealedField(null=True)),
                ("document", amparo.ground.vault.fields.SealedField(null=True)),
                ("born", amparo.ground.vault.fields.SealedField(null=True)),
                ("phone", amparo.ground.vault.fields.SealedField(null=True)),
                ("address", amparo.ground.vault.fields.SealedField(null=True)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "identities",
            },
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["key"], name="people_of_a_file"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("age_at_events", None), ("age_at_events__lte", 120), _connector="OR"),
                name="an_age_is_in_years",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("age_at_events", None), ("age_certainty", "")),
                    models.Q(("age_at_events__isnull", False), models.Q(("age_certainty", ""), _negated=True)),
                    _connector="OR",
                ),
                name="an_age_says_how_sure_it_is",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None), models.Q(("merged_into", models.F("id")), _negated=True), _connector="OR"
                ),
                name="nobody_is_their_own_duplicate",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("same_human_as", None), models.Q(("same_human_as", models.F("id")), _negated=True), _connector="OR"
                ),
                name="another_part_is_another_record",
            ),
        ),
        migrations.RunPython(say_how_long, migrations.RunPython.noop),
        migrations.RunSQL(FORGET, "drop trigger people_are_forgotten on vault_datakey; drop function people_forget"),
    ]

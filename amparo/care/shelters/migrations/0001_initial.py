import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import amparo.ground.vault.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("access", "0005_shelter_staff"),
        ("cases", "0007_beds_on_the_timeline"),
        ("people", "0001_initial"),
        ("vault", "0008_another_agency_needs_an_end"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="House",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_name", models.CharField(max_length=40, unique=True)),
                (
                    "region",
                    models.CharField(
                        choices=[
                            ("coast_north", "northern coast"),
                            ("coast_centre", "central coast"),
                            ("coast_south", "southern coast"),
                            ("highlands", "northern and central highlands"),
                            ("highlands_south", "southern highlands"),
                            ("jungle_north", "northern jungle"),
                            ("jungle_south", "southern jungle"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "genders",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("feminine", "feminine"),
                                ("masculine", "masculine"),
                                ("transgender_feminine", "transgender feminine"),
                                ("transgender_masculine", "transgender masculine"),
                                ("non_conforming", "non-conforming"),
                                ("unknown", "not known, or not said"),
                            ],
                            max_length=24,
                        )
                    ),
                ),
                ("from_age", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("to_age", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("only_families", models.BooleanField(default=False)),
                ("takes_families", models.BooleanField(default=False)),
                ("takes_babies", models.BooleanField(default=False)),
                ("is_step_free", models.BooleanField(default=False)),
                ("takes_pets", models.BooleanField(default=False)),
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
                ("rules", models.TextField(blank=True)),
                ("said_at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.agency"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Bed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("room", models.PositiveSmallIntegerField()),
                ("number", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(choices=[("bed", "bed"), ("cot", "cot")], default="bed", max_length=4)),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="beds", to="shelters.house"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HouseAddress",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("address", amparo.ground.vault.fields.SealedField()),
                ("kept_at", models.DateTimeField()),
                (
                    "house",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shelters.house"
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "house addresses",
            },
        ),
        migrations.CreateModel(
            name="Occupancy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("hold", "held"), ("stay", "taken"), ("repair", "out of order")], max_length=6
                    ),
                ),
                ("period", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "bed",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="occupancies",
                        to="shelters.bed",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "occupancies",
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "held"),
                            ("requested", "asked for"),
                            ("approved", "approved"),
                            ("in_house", "in the house"),
                            ("left", "left"),
                            ("declined", "declined"),
                            ("released", "released"),
                        ],
                        default="held",
                        max_length=10,
                    ),
                ),
                ("held_at", models.DateTimeField()),
                ("approved_as", models.CharField(blank=True, max_length=40)),
                ("planned_to", models.DateField(null=True)),
                ("escort", amparo.ground.vault.fields.SealedField(null=True)),
                ("to_know", amparo.ground.vault.fields.SealedField(null=True)),
                ("because", amparo.ground.vault.fields.SealedField(null=True)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "escort_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "held_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="placements", to="shelters.house"
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("as_role", models.CharField(max_length=40)),
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
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="approvals", to="shelters.placement"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Stay",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("held", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("stayed", django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
                (
                    "occupancy",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="shelters.occupancy"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                        to_field="number",
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stays", to="shelters.placement"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UnmetNeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("people", models.PositiveSmallIntegerField(default=1)),
                (
                    "age",
                    models.CharField(
                        choices=[("child", "under 18"), ("adult", "18 or older"), ("unknown", "age not known")],
                        max_length=8,
                    ),
                ),
                (
                    "gender",
                    models.CharField(
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
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("full", "not enough free beds"),
                            ("families_only", "only families"),
                            ("no_families", "no families"),
                            ("babies", "no babies"),
                            ("age", "her age"),
                            ("gender", "her gender"),
                            ("steps", "there are steps"),
                            ("pets", "no animals"),
                            ("near", "too near to a place she fears"),
                            ("language", "nobody speaks her language"),
                            ("other", "another reason"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="house",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("from_age", None), ("to_age", None), ("from_age__lte", models.F("to_age")), _connector="OR"
                    ),
                    models.Q(("to_age", None), ("to_age__lte", 120), _connector="OR"),
                ),
                name="a_house_takes_an_age_up_to_a_higher_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="house",
            constraint=models.CheckConstraint(
                condition=models.Q(("only_families", False), ("takes_families", True), _connector="OR"),
                name="a_house_of_families_takes_families",
            ),
        ),
        migrations.AddConstraint(
            model_name="bed",
            constraint=models.UniqueConstraint(
                fields=("house", "number"), name="beds_of_a_house_have_numbers_of_their_own"
            ),
        ),
        migrations.AddConstraint(
            model_name="occupancy",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (models.Func(models.F("bed"), models.F("bed"), models.Value("[]"), function="int8range"), "&&"),
                    ("period", "&&"),
                ],
                name="a_bed_is_taken_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="occupancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "hold"), _negated=True),
                    ("period__isempty", True),
                    ("period__upper_inf", False),
                    _connector="OR",
                ),
                name="a_hold_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(fields=["case"], name="placements_of_a_case"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["held", "requested", "declined", "released"]),
                    ("approved_by__isnull", False),
                    _connector="OR",
                ),
                name="nobody_comes_before_two_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None),
                    models.Q(
                        ("requested_by__isnull", False),
                        models.Q(("approved_by", models.F("requested_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="two_people_approve",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_as", ""), ("approved_by", None)),
                    models.Q(("approved_as", "hotline/placement_officer"), ("approved_by__isnull", False)),
                    _connector="OR",
                ),
                name="one_of_them_is_a_placement_officer",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(fields=("placement", "by"), name="each_approves_once"),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (
                        models.Func(models.F("person"), models.F("person"), models.Value("[]"), function="int8range"),
                        "&&",
                    ),
                    ("held", "&&"),
                ],
                name="nobody_waits_for_two_beds_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (
                        models.Func(models.F("person"), models.F("person"), models.Value("[]"), function="int8range"),
                        "&&",
                    ),
                    ("stayed", "&&"),
                ],
                name="nobody_stays_in_two_beds_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="unmetneed",
            index=models.Index(fields=["at"], name="unmet_needs_by_time"),
        ),
        migrations.AddConstraint(
            model_name="unmetneed",
            constraint=models.CheckConstraint(condition=models.Q(("people__gte", 1)), name="a_need_is_somebodys"),
        ),
    ]

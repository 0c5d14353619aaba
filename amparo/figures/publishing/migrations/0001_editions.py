"""Editions: who drafts one says so in their own name, a second one publishes it, and then it stays."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

IN_OWN_NAME = """
create policy a_draft_is_in_ones_own_name on publishing_edition as restrictive for insert
    with check (drafted_by_id = (select acting.user_id()) and published_at is null);
create policy an_edition_is_published_once_in_ones_own_name on publishing_edition as restrictive for update
    using (published_at is null) with check (published_at is not null and published_by_id = (select acting.user_id()));
create policy what_is_published_stays on publishing_edition as restrictive for delete using (published_at is null);
"""
NOT_SO = """
drop policy a_draft_is_in_ones_own_name on publishing_edition;
drop policy an_edition_is_published_once_in_ones_own_name on publishing_edition;
drop policy what_is_published_stays on publishing_edition;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("snapshot", "0001_counts_of_a_quarter"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField()),
                ("why", models.TextField(blank=True)),
                ("drafted_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                ("document", models.JSONField(null=True)),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="publishing.edition",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "snapshot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="snapshot.snapshot"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_day__day", 1), ("first_day__month__in", range(1, 13, 3))),
                        name="an_edition_is_of_a_quarter",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("corrects", None)),
                        fields=("first_day",),
                        name="a_quarter_is_told_once_and_then_corrected",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corrects", None), ("why", "")),
                            models.Q(("corrects__isnull", False), models.Q(("why", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="a_correction_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("document__isnull", True), ("published_at", None), ("published_by", None)),
                            models.Q(
                                ("document__isnull", False),
                                ("published_at__isnull", False),
                                ("published_by__isnull", False),
                                models.Q(("published_by", models.F("drafted_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="two_people_publish_an_edition",
                    ),
                ],
            },
        ),
        migrations.RunSQL(IN_OWN_NAME, NOT_SO),
    ]

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import amparo.ground.vault.fields

NEXT = """
-- What a case calls its next task is open, and due then; at the end of every transaction.
alter table cases_task add constraint a_task_is_known_with_its_date unique (id, due, is_open);
alter table cases_case add column next_is_open boolean
    generated always as (case when next_task_id is not null then true end) stored;
alter table cases_case add constraint the_next_task_is_open_and_due_then
    foreign key (next_task_id, next_due, next_is_open) references cases_task (id, due, is_open)
    deferrable initially deferred;
"""
FORGET = """
-- What a destroyed key sealed is of no use to anybody. The columns that are counted stay.
create function cases_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    update cases_case set situation = null, closing_words = null, edits = '{}' where key_id = new.id;
    update cases_task set words = null, result = null where key_id = new.id;
    update cases_entry set words = null where key_id = new.id;
    update cases_event set words = null where key_id = new.id;
    delete from cases_handover where key_id = new.id;
    return null;
end $$;
create trigger cases_are_forgotten after update of forgotten_at on vault_datakey
    for each row when (new.forgotten_at is not null) execute function cases_forget();
"""
FIVE_YEARS = 5 * 365  # standards.md H14


def say_how_long(apps, schema_editor) -> None:
    apps.get_model("vault", "Retention").objects.get_or_create(kind="case", defaults={"days": FIVE_YEARS})


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_initial"),
        ("contacts", "0003_contacts_are_forgotten"),
        ("vault", "0007_records_are_forgotten_in_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("create sequence cases_number start 1001", "drop sequence cases_number"),
        migrations.RunSQL("create sequence entries_number as bigint", "drop sequence entries_number"),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("where_it_stands", amparo.ground.vault.fields.SealedField()),
                ("what_next", amparo.ground.vault.fields.SealedField(null=True)),
                ("what_not_to_ask", amparo.ground.vault.fields.SealedField(null=True)),
                ("written_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Inclusion",
            fields=[
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="inclusion",
                        serialize=False,
                        to="contacts.contact",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("call", "call her"),
                            ("visit", "meet her"),
                            ("ask", "ask an institution"),
                            ("document", "get a document"),
                            ("shelter", "find a bed"),
                            ("review", "review the case"),
                            ("other", "something else"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", amparo.ground.vault.fields.SealedField(null=True)),
                ("due", models.DateTimeField()),
                ("is_critical", models.BooleanField(default=False)),
                ("is_open", models.BooleanField(default=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("was_done", models.BooleanField(null=True)),
                ("result", amparo.ground.vault.fields.SealedField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "number",
                    models.IntegerField(
                        db_default=models.Func(models.Value("cases_number"), function="nextval"),
                        editable=False,
                        unique=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "new"),
                            ("active", "active"),
                            ("follow_up", "follow-up"),
                            ("closed", "closed"),
                            ("closed_referred", "closed, handed over"),
                        ],
                        default="new",
                        max_length=16,
                    ),
                ),
                (
                    "urgency",
                    models.CharField(
                        choices=[
                            ("immediate", "Danger now"),
                            ("urgent", "Within 24 hours"),
                            ("soon", "Within 7 days"),
                            ("routine", "No time limit"),
                        ],
                        default="routine",
                        max_length=10,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("situation", amparo.ground.vault.fields.SealedField(null=True)),
                ("next_due", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "closing",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("safe", "she is safe, and wants nothing more of us"),
                            ("returned", "she went home, as she wished"),
                            ("handed_over", "another institution goes on with it"),
                            ("withdrew", "she wants no more contact"),
                            ("lost", "we could not reach her again"),
                            ("elsewhere", "it was another need, and she knows where to go"),
                            ("duplicate", "it is the same as another case"),
                            ("died", "she died"),
                        ],
                        max_length=12,
                    ),
                ),
                ("closing_words", amparo.ground.vault.fields.SealedField(null=True)),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("edits", models.JSONField(default=dict, editable=False)),
                (
                    "holder",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "number",
                    models.BigIntegerField(
                        db_default=models.Func(models.Value("entries_number"), function="nextval"), editable=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("opened", "Case opened"),
                            ("contact", "Contact"),
                            ("person", "Somebody new"),
                            ("note", "Note"),
                            ("event", "What happened to her"),
                            ("task", "Planned"),
                            ("done", "Done"),
                            ("cancelled", "Not needed any more"),
                            ("moved", "Put off"),
                            ("urgency", "Urgency"),
                            ("document", "Document"),
                            ("joined", "Joined the team"),
                            ("left", "Left the team"),
                            ("taken", "Has it in hand now"),
                            ("handed_over", "Handed over"),
                            ("read_over", "Has read the hand-over"),
                            ("closed", "Case closed"),
                            ("reopened", "Case opened again"),
                            ("assessed", "Assessment signed"),
                            ("consented", "Consent"),
                            ("withdrawn", "Consent withdrawn"),
                            ("disclosed", "Told to an institution"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("about", models.CharField(blank=True, max_length=40)),
                ("words", amparo.ground.vault.fields.SealedField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="cases.case",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("recruitment", "recruitment"),
                            ("transit", "transit"),
                            ("exploitation", "exploitation"),
                        ],
                        max_length=12,
                    ),
                ),
                ("ubigeo", models.CharField(blank=True, max_length=6)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                ("words", amparo.ground.vault.fields.SealedField(null=True)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="event",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="events", to="people.person"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="hand_overs", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="key",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"),
        ),
        migrations.AddField(
            model_name="handover",
            name="read_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="inclusion",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="inclusions", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="inclusion",
            name="key",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"),
        ),
        migrations.AddField(
            model_name="member",
            name="case",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="team", to="cases.case"),
        ),
        migrations.AddField(
            model_name="member",
            name="key",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"),
        ),
        migrations.AddField(
            model_name="member",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="assignee",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="case",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="tasks", to="cases.case"),
        ),
        migrations.AddField(
            model_name="task",
            name="done_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="key",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"),
        ),
        migrations.AddField(
            model_name="case",
            name="next_task",
            field=models.OneToOneField(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="cases.task",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["case", "-at", "-number"], name="entries_newest_first"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("since", None), ("until", None), ("until__gte", models.F("since")), _connector="OR"
                ),
                name="an_event_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(("ubigeo", ""), ("country", "PE"), _connector="OR"),
                name="a_place_with_an_ubigeo_is_in_peru",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("read_at", None), ("read_by", None)),
                    models.Q(("read_at__isnull", False), ("read_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_hand_over_that_was_read_says_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("read_by", None), models.Q(("read_by", models.F("written_by")), _negated=True), _connector="OR"
                ),
                name="a_hand_over_is_read_by_somebody_else",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)),
                fields=("case", "user"),
                name="somebody_is_in_a_team_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="nobody_leaves_before_they_came",
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(condition=models.Q(("is_open", True)), fields=["case", "due"], name="tasks_next_first"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("done_by", None), ("is_open", True), ("was_done", None)),
                    models.Q(
                        ("done_at__isnull", False),
                        ("done_by__isnull", False),
                        ("is_open", False),
                        ("was_done__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_task_that_is_over_says_who_and_how",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["next_due", "number"], name="cases_next_first"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("closed", "closed_referred")),
                    models.Q(("next_due__isnull", False), ("next_task__isnull", False)),
                    _connector="OR",
                ),
                name="an_open_case_has_a_next_task_with_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("closing", ""), ("state__in", ("new", "active", "follow_up"))),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("next_task", None),
                        ("state__in", ("closed", "closed_referred")),
                        models.Q(("closing", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_closed_case_says_why",
            ),
        ),
        migrations.RunSQL(NEXT, "alter table cases_case drop column next_is_open cascade"),
        migrations.RunPython(say_how_long, migrations.RunPython.noop),
        migrations.RunSQL(FORGET, "drop trigger cases_are_forgotten on vault_datakey; drop function cases_forget"),
    ]

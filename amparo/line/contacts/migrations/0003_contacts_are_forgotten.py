import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# standards.md H14. What is closed before this migration begins its time with it.
RETENTION = {"card": 90, "message": 90, "contact": 5 * 365}

FORGET = """
-- What a destroyed key sealed is of no use to anybody: it goes, and with it what only served to write it. The columns
-- that are counted stay.
create function contacts_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    delete from contacts_safecontact where key_id = new.id;
    delete from contacts_draft where contact_id in (select id from contacts_contact where key_id = new.id);
    update contacts_contact set notes = null, edits = '{}' where key_id = new.id;
    update switchboard_message set number = null, sound = null where key_id = new.id;
    return null;
end $$;
create trigger contacts_are_forgotten after update of forgotten_at on vault_datakey
    for each row when (new.forgotten_at is not null) execute function contacts_forget();
"""

# The owner of these tables is under their policies as well, and sees nothing as itself.
TABLES = ("vault_datakey", "contacts_contact", "contacts_safecontact", "switchboard_message")
CLOSE = """
update vault_datakey k set closed_at = now() where closed_at is null and forgotten_at is null and k.id in (
    select key_id from contacts_contact where state = 'wrapped'
    union all select s.key_id from contacts_safecontact s join contacts_contact c on c.id = s.contact_id
        where c.state = 'wrapped'
    union all select key_id from switchboard_message where done_at is not null);
"""


def say_how_long(apps, schema_editor) -> None:
    kept = apps.get_model("vault", "Retention")
    kept.objects.bulk_create([kept(kind=kind, days=days) for kind, days in RETENTION.items()], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0002_who_holds_a_contact"),
        ("switchboard", "0001_initial"),
        ("vault", "0007_records_are_forgotten_in_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("".join(f"alter table {table} no force row level security;" for table in TABLES), ""),
        migrations.RunSQL(CLOSE, ""),
        migrations.RunSQL("set constraints all immediate", ""),
        migrations.RunSQL("".join(f"alter table {table} force row level security;" for table in TABLES), ""),
        migrations.RunPython(say_how_long, migrations.RunPython.noop),
        migrations.RunSQL(
            FORGET, "drop trigger contacts_are_forgotten on vault_datakey; drop function contacts_forget"
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_number", models.IntegerField(editable=False)),
                (
                    "right",
                    models.CharField(
                        choices=[("read_back", "read it back"), ("correct", "correct it"), ("erase", "erase it")],
                        max_length=10,
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "it was done"),
                            ("unsure", "refused: we cannot be sure who asks"),
                            ("held", "refused: it is held for a court or a complaint"),
                            ("nothing", "there was nothing"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="contacts.contact"
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("answered_at", None)), fields=["due_on"], name="requests_by_deadline"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None)),
                        fields=("contact", "right"),
                        name="a_right_is_asked_for_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None)),
                            models.Q(("answered_at__isnull", False), models.Q(("answer", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="an_answer_has_its_time",
                    ),
                ],
            },
        ),
    ]

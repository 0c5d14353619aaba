"""What is told beside the facts is told one by one: a name, as before, is one of them.

What is sealed is bound to its table, column and row. So both tables keep their names, a name keeps its column, and the row
of each keeps its number. Who called was named in a table apart for a day, whose rows cannot be moved: they go with it.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import amparo.ground.vault.fields

DATA = [
    ("subject_identity", "her name"),
    ("subject_document", "her identity document and date of birth"),
    ("subject_contact", "how to reach her"),
    ("subject_whereabouts", "where she is or lives"),
    ("subject_health", "her health"),
    ("caller_identity", "the name of who called"),
    ("caller_contact", "how to reach who called"),
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
# `force`: an owner who is no superuser is bound by the policies too, and would find no row.
FROM_ONE_TO_SEVERAL = """
alter table {table} no force row level security;
alter table {table} add column id uuid, add column data varchar(20) not null default 'subject_identity';
update {table} set id = {of}_id;
alter table {table} drop constraint {table}_pkey, add primary key (id), alter column data drop default;
create index {table}_{of}_id on {table} ({of}_id);
alter table {table} add constraint {unique} unique ({of}_id, data);
alter table {table} force row level security;
"""
BACK = """
alter table {table} no force row level security;
delete from {table} where data <> 'subject_identity' or id <> {of}_id;
alter table {table} drop constraint {unique}, drop constraint {table}_pkey, drop column id, drop column data,
    add primary key ({of}_id);
drop index if exists {table}_{of}_id;
alter table {table} force row level security;
"""


def details(name: str, table: str, of: str, unique: str) -> migrations.CreateModel:
    key = models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey")
    one = models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=f"referrals.{of}")
    fields = [
        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
        ("data", models.CharField(choices=DATA, max_length=20)),
        ("words", amparo.ground.vault.fields.SealedField(db_column="names")),
        ("because", models.CharField(choices=BECAUSE, max_length=32)),
        ("basis", models.UUIDField()),
        ("until", models.DateTimeField()),
        ("key", key),
        (of, one),
    ]
    once = models.UniqueConstraint(fields=(of, "data"), name=unique)
    return migrations.CreateModel(name, fields, options={"db_table": table, "constraints": [once]})


def several(old: str, name: str, table: str, of: str, unique: str) -> migrations.SeparateDatabaseAndState:
    names = {"table": table, "of": of, "unique": unique}
    sql = migrations.RunSQL(FROM_ONE_TO_SEVERAL.format(**names), BACK.format(**names))
    return migrations.SeparateDatabaseAndState([sql], [migrations.DeleteModel(old), details(name, table, of, unique)])


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0014_told_in_the_case"),
        ("vault", "0010_a_copy_is_known_by_its_key_and_holder"),
    ]

    operations = [
        migrations.DeleteModel("CallerInReport"),
        several("NamedInReport", "ReportDetail", "referrals_namedinreport", "report", "a_report_tells_a_detail_once"),
        several("Named", "ReferralDetail", "referrals_named", "referral", "a_referral_tells_a_detail_once"),
        migrations.RenameField("handed", "is_name", "is_detail"),
    ]

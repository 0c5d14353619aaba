"""Danger of one person of a case does not open who the others are: a basis says whom it is about."""

import django.db.models.deletion
from django.db import migrations, models

# Where one person is at risk it was about her; where several are, it was written of them all, and stays so.
FILL = """
alter table consent_basis no force row level security;
alter table people_person no force row level security;
update consent_basis b set person_id = p.id from people_person p
    where p.key_id = b.key_id and p.part = 'at_risk' and p.merged_into_id is null and not exists (
        select from people_person other where other.key_id = p.key_id and other.part = 'at_risk'
            and other.merged_into_id is null and other.id <> p.id);
set constraints all immediate;
alter table consent_basis force row level security;
alter table people_person force row level security;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0005_a_court_names_whom_it_orders_to_tell"),
        ("people", "0002_no_index_twice"),
    ]

    operations = [
        migrations.AddField(
            model_name="basis",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]

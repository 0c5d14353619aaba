"""Who was in a house before the case had a task for the day that her stay is planned to: one for each open case."""

from django.conf import settings
from django.db import migrations

BOUND = ("shelters_placement", "cases_case", "cases_task")  # an owner who is no superuser would find no row
TASKS = """
select cases_plan(it.case_id, 'stay', greatest((it.first + time '09:00') at time zone %s, statement_timestamp()), false)
from (select p.case_id, min(p.planned_to) as first from shelters_placement p where p.state = 'in_house'
    group by p.case_id) it
where it.first is not null
"""
PLAN = [
    *(f"alter table {table} no force row level security" for table in BOUND),
    (TASKS, [settings.TIME_ZONE]),
    "set constraints all immediate",
    *(f"alter table {table} force row level security" for table in BOUND),
]


class Migration(migrations.Migration):
    dependencies = [("shelters", "0005_changed_closed_and_beyond_the_plan")]
    operations = [migrations.RunSQL(PLAN, migrations.RunSQL.noop)]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TOLD = """
-- What happens elsewhere is told in the case by who may not read it: called by triggers of later rooms, as their owner.
-- With `task`, a closed case is left as it is, and of one kind there is one open task at a time.
create function cases_told(of_case uuid, kind text, at timestamptz, by_id bigint, about text, task text, due timestamptz)
returns void language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare it cases_case%rowtype; made uuid := gen_random_uuid();
begin
    select c.* into it from cases_case c where c.id = of_case for no key update;
    if not found then
        return;
    end if;
    insert into cases_entry (id, case_id, key_id, kind, at, by_id, about)
    values (gen_random_uuid(), it.id, it.key_id, kind, at, by_id, about);
    if task is null or it.closed_at is not null
            or exists (select from cases_task t where t.case_id = it.id and t.is_open and t.kind = task) then
        return;
    end if;
    insert into cases_task (id, case_id, key_id, kind, due, is_critical, is_open)
    values (made, it.id, it.key_id, task, due, true, true);
    if due < it.next_due then
        update cases_case set next_task_id = made, next_due = due where id = it.id;
    end if;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_who_stays_anonymous_is_not_named"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            "entry",
            "by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(TOLD, "drop function cases_told"),
    ]

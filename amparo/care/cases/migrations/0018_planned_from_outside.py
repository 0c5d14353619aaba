from django.db import migrations, models

PLANS = """
-- A task that triggers of later rooms plan, as their owner: in an open case, and of one kind one that is open at a time.
create function cases_plan(of_case uuid, task text, due timestamptz, is_critical boolean) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare it cases_case%rowtype; made uuid := gen_random_uuid();
begin
    select c.* into it from cases_case c where c.id = of_case for no key update;
    if not found or it.closed_at is not null
            or exists (select from cases_task t where t.case_id = it.id and t.is_open and t.kind = task) then
        return;
    end if;
    insert into cases_task (id, case_id, key_id, kind, due, is_critical, is_open)
    values (made, it.id, it.key_id, task, due, is_critical, true);
    if due < it.next_due then
        update cases_case set next_task_id = made, next_due = due where id = it.id;
    end if;
end $$;

-- What happens elsewhere is told in the case by who may not read it; `task`: and somebody has to do something by then.
create or replace function cases_told(
    of_case uuid, kind text, at timestamptz, by_id bigint, about text, task text, due timestamptz)
returns void language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare it cases_case%rowtype;
begin
    select c.* into it from cases_case c where c.id = of_case for no key update;
    if not found then
        return;
    end if;
    insert into cases_entry (id, case_id, key_id, kind, at, by_id, about)
    values (gen_random_uuid(), it.id, it.key_id, kind, at, by_id, about);
    if task is not null then
        perform cases_plan(of_case, task, due, true);
    end if;
end $$;
"""
KINDS = [
    ("call", "call her"),
    ("visit", "meet her"),
    ("ask", "ask an institution"),
    ("document", "get a document"),
    ("shelter", "find a bed"),
    ("review", "review the case"),
    ("answer", "answer the unit's question"),
    ("tell", "tell her what came of it"),
    ("read", "read what she left with her code"),
    ("whose", "say whose the return code is"),
    ("protect", "tell whom the law names"),
    ("other", "something else"),
]


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_nor_by_whose_record_it_is")]
    operations = [
        migrations.AlterField("task", "kind", models.CharField(choices=KINDS, max_length=12)),
        migrations.RunSQL(PLANS, migrations.RunSQL.noop),
    ]

"""A house is changed and closed, a bed goes out of use; and a stay has a task in its case for the day it is planned to."""

from django.db import migrations, models

OFFICERS = """
-- Its staff say how a house stands, and who looks for beds takes them; what it is, placement officers say alone.
create function shelters_by_officers() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user = current_database() || '_web'
            and acting.role() is distinct from 'hotline/placement_officer' then
        raise exception 'what a house is and which beds it has, placement officers say' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger a_house_is_changed_by_officers before update on shelters_house for each row
    when (to_jsonb(new) - 'said_at' is distinct from to_jsonb(old) - 'said_at') execute function shelters_by_officers();
create trigger a_bed_goes_by_officers before insert or update on shelters_occupancy for each row
    when (new.kind in ('gone', 'closed')) execute function shelters_by_officers();
"""
NOT_THEY = """
drop trigger a_bed_goes_by_officers on shelters_occupancy;
drop trigger a_house_is_changed_by_officers on shelters_house;
drop function shelters_by_officers;
"""

PLANS = """
-- Who comes into a house or leaves it waits for the case before the house, as who holds a bed does.
create function shelters_wait_for_case(placement uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from cases_case c join shelters_placement p on p.case_id = c.id
    where p.id = placement and shelters_holds(p.key_id) for no key update of c;
end $$;

-- The case has a task, one, for the first day that a stay of its people is planned to; none when they all left, but for
-- an open case is never without a next one.
create function shelters_plan_end(placement uuid, zone text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare of_case uuid; first date; by_then timestamptz;
begin
    select p.case_id into of_case from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found then
        raise exception 'only who holds a placement plans its end' using errcode = '42501';
    end if;
    perform shelters_wait_for_case(placement);
    select min(p.planned_to) into first from shelters_placement p where p.case_id = of_case and p.state = 'in_house';
    by_then := greatest((first + time '09:00') at time zone zone, statement_timestamp());
    if first is not null then
        perform cases_plan(of_case, 'stay', by_then, false);
        update cases_task t set due = by_then where t.case_id = of_case and t.kind = 'stay' and t.is_open;
    else
        update cases_task t set is_open = false, done_at = statement_timestamp(), done_by_id = acting.user_id(),
            was_done = false
        where t.case_id = of_case and t.kind = 'stay' and t.is_open and exists (
            select from cases_task other where other.case_id = of_case and other.is_open and other.kind <> 'stay');
    end if;
    update cases_case c set (next_task_id, next_due) = (
        select t.id, t.due from cases_task t where t.case_id = of_case and t.is_open order by t.due, t.id limit 1)
    where c.id = of_case and c.closed_at is null;
end $$;

create or replace function shelters_tell(placement uuid, kind text, at timestamptz, is_over boolean) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare it shelters_placement%rowtype;
begin
    select p.* into it from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found or kind not in ('', 'bed_approved', 'bed_declined', 'arrived', 'moved_bed', 'left_house',
            'stay_planned') then
        raise exception 'only who holds a placement tells of it' using errcode = '42501';
    end if;
    if kind <> '' then
        insert into cases_entry (id, case_id, key_id, kind, at, by_id, about)
        select gen_random_uuid(), c.id, c.key_id, shelters_tell.kind, shelters_tell.at, acting.user_id(), it.id::text
        from cases_case c where c.id = it.case_id;
    end if;
    if is_over and it.state in ('left', 'declined', 'released') then
        delete from vault_grant g where (g.key_id = it.key_id or g.key_id in (
            select t.key_id from shelters_toknow t where t.placement_id = it.id)) and (g.agency_id <> g.owner_id
            or g.holder = 'u' || it.escort_user_id and not exists (select from cases_member m
                where m.case_id = it.case_id and m.user_id = it.escort_user_id and m.until is null));
    end if;
end $$;
"""
BEFORE = """
create or replace function shelters_tell(placement uuid, kind text, at timestamptz, is_over boolean) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare it shelters_placement%rowtype;
begin
    select p.* into it from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found or kind not in ('', 'bed_approved', 'bed_declined', 'arrived', 'moved_bed', 'left_house') then
        raise exception 'only who holds a placement tells of it' using errcode = '42501';
    end if;
    if kind <> '' then
        insert into cases_entry (id, case_id, key_id, kind, at, by_id, about)
        select gen_random_uuid(), c.id, c.key_id, shelters_tell.kind, shelters_tell.at, acting.user_id(), it.id::text
        from cases_case c where c.id = it.case_id;
    end if;
    if is_over and it.state in ('left', 'declined', 'released') then
        delete from vault_grant g where (g.key_id = it.key_id or g.key_id in (
            select t.key_id from shelters_toknow t where t.placement_id = it.id)) and (g.agency_id <> g.owner_id
            or g.holder = 'u' || it.escort_user_id and not exists (select from cases_member m
                where m.case_id = it.case_id and m.user_id = it.escort_user_id and m.until is null));
    end if;
end $$;

drop function shelters_plan_end, shelters_wait_for_case;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0020_how_long_she_stays"),
        ("shelters", "0004_what_the_house_must_know_is_agreed"),
    ]

    operations = [
        migrations.AddField("house", "closed_at", models.DateTimeField(null=True)),
        migrations.AddField("house", "edits", models.JSONField(db_default={}, editable=False)),
        migrations.AddField("house", "version", models.PositiveIntegerField(db_default=0, editable=False)),
        migrations.AlterField(
            "occupancy",
            "kind",
            models.CharField(
                choices=[
                    ("hold", "held"),
                    ("stay", "taken"),
                    ("repair", "out of order"),
                    ("gone", "out of use"),
                    ("closed", "the house is closed"),
                ],
                max_length=6,
            ),
        ),
        migrations.RunSQL(OFFICERS, NOT_THEY),
        migrations.RunSQL(PLANS, BEFORE),
    ]

"""A case that is opened again while somebody of it is in a house has a task for the day that she is planned to."""

from django.conf import settings
from django.db import migrations

AGAIN = f"""
create function shelters_plan_again() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_plan(new.id, 'stay',
        greatest((min(p.planned_to) + time '09:00') at time zone tg_argv[0], statement_timestamp()), false)
    from shelters_placement p where p.case_id = new.id and p.state = 'in_house' having min(p.planned_to) is not null;
    return null;
end $$;
create trigger who_is_in_a_house_is_planned_for_again after update of closed_at on cases_case for each row
    when (old.closed_at is not null and new.closed_at is null)
    execute function shelters_plan_again('{settings.TIME_ZONE}');
"""
NOT_SO = """
drop trigger who_is_in_a_house_is_planned_for_again on cases_case;
drop function shelters_plan_again;
"""


class Migration(migrations.Migration):
    dependencies = [("shelters", "0006_who_is_there_already_has_a_task_too")]
    operations = [migrations.RunSQL(AGAIN, NOT_SO)]

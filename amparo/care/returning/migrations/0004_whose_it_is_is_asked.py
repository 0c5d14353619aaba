"""A code of a contact that is in a case tells nothing before somebody says whose it is: so they are asked to."""

from django.db import migrations

ASKED = """
create function returning_ask_whose() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_plan(i.case_id, 'whose', statement_timestamp() + interval '1 day', false)
    from cases_inclusion i join contacts_returncode r on r.contact_id = i.contact_id
    where i.contact_id = new.contact_id and r.ended_at is null and r.until > statement_timestamp()
        and not exists (select from returning_belonging b where b.code_id = r.id);
    return null;
end $$;
create trigger whose_it_is_is_asked after insert on contacts_returncode
    for each row execute function returning_ask_whose();
create trigger whose_its_code_is_is_asked after insert on cases_inclusion
    for each row execute function returning_ask_whose();
"""
UNDO = """
drop trigger whose_its_code_is_is_asked on cases_inclusion;
drop trigger whose_it_is_is_asked on contacts_returncode;
drop function returning_ask_whose;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("returning", "0003_told_in_the_case"), ("cases", "0018_planned_from_outside"),
        ("contacts", "0009_no_index_twice"),
    ]  # fmt: skip
    operations = [migrations.RunSQL(ASKED, UNDO)]

"""A placement goes onwards alone: nobody is put into what two people approved, nor brings back what is over."""

from django.db import migrations

STAYS = """
create or replace function shelters_escort_stays() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if (old.requested_by_id is not null or old.state <> 'held') and
        (new.requested_by_id, new.escort_user_id) is distinct from (old.requested_by_id, old.escort_user_id) then
        raise exception 'who brings them there was approved, and stays' using errcode = '42501';
    end if;
    if old.state in ('left', 'declined', 'released') and new.state <> old.state then
        raise exception 'a placement that is over stays so' using errcode = '42501';
    end if;
    return new;
end $$;
drop trigger the_escort_stays on shelters_placement;
create trigger what_was_approved_stays before update of state, requested_by_id, escort_user_id on shelters_placement
    for each row execute function shelters_escort_stays();
"""
BEFORE = """
drop trigger what_was_approved_stays on shelters_placement;
create or replace function shelters_escort_stays() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.state <> 'held' and new.escort_user_id is distinct from old.escort_user_id then
        raise exception 'who brings them there was approved, and stays' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger the_escort_stays before update of escort_user_id on shelters_placement
    for each row execute function shelters_escort_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("shelters", "0002_what_the_database_holds")]
    operations = [migrations.RunSQL(STAYS, BEFORE)]

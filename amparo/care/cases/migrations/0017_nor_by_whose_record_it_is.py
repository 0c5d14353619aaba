"""Who stays anonymous is not named either by saying afterwards that it is she whose name stands there."""

from django.db import migrations

# After the row is written: `cases_stays_anonymous` reads who is the same human as it is now.
SAID = """
create function cases_keep_anonymous_of_two() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select from people_identity i where i.person_id in (new.id, new.same_human_as_id)
        and num_nonnulls(i.names, i.document, i.born, i.phone, i.address) > 0 and cases_stays_anonymous(i.person_id)) then
        raise exception 'who stays anonymous is not named' using errcode = '23514',
            constraint = 'who_stays_anonymous_is_not_named';
    end if;
    return null;
end $$;
create trigger who_stays_anonymous_is_nobody_named after insert or update of same_human_as_id on people_person
    for each row when (new.same_human_as_id is not null) execute function cases_keep_anonymous_of_two();
"""
UNDO = """
drop trigger who_stays_anonymous_is_nobody_named on people_person;
drop function cases_keep_anonymous_of_two;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_words_of_the_timeline")]
    operations = [migrations.RunSQL(SAID, UNDO)]

from django.db import migrations

TOLD = """
-- What she leaves with her code waits for her team, whoever of the shift reads it first.
create function returning_tell_of_word() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_told(c.id, 'came_back', new.at, null, b.code_id::text, 'read', new.at + interval '1 day')
    from returning_belonging b join cases_case c on c.key_id = b.key_id where b.code_id = new.code_id;
    return null;
end $$;
create trigger words_are_told_in_the_case after insert on contacts_word
    for each row when (new.is_hers) execute function returning_tell_of_word();
"""
UNDO = """
drop trigger words_are_told_in_the_case on contacts_word;
drop function returning_tell_of_word;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("returning", "0002_reads_words"), ("cases", "0015_told_from_outside"), ("contacts", "0006_what_a_code_may_not")
    ]  # fmt: skip
    operations = [migrations.RunSQL(TOLD, UNDO)]

"""The same three rules for what an entry may say, without counted repeats: they took most of the time of an entry."""

from django.db import migrations

BEFORE = """
alter table audit_entry
  drop constraint a_purpose_is_one_word, drop constraint an_entry_names_a_verb,
  drop constraint an_entry_is_about_a_row_or_a_list,
  add constraint a_purpose_is_one_word check (purpose ~ '^[a-z_]{0,40}$'),
  add constraint an_entry_names_a_verb check (what ~ '^[a-z_]{1,40}$'),
  add constraint an_entry_is_about_a_row_or_a_list check
    (about ~ '^[a-z_]{1,40}( ([0-9]{1,7}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}))?$');
"""

# A noun; or with it a number of seven digits at most, too short for a telephone's; or an id, hyphens in their places.
NOW = """
alter table audit_entry
  drop constraint a_purpose_is_one_word, drop constraint an_entry_names_a_verb,
  drop constraint an_entry_is_about_a_row_or_a_list,
  add constraint a_purpose_is_one_word check (purpose ~ '^[a-z_]*$' and length(purpose) <= 40),
  add constraint an_entry_names_a_verb check (what ~ '^[a-z_]+$' and length(what) <= 40),
  add constraint an_entry_is_about_a_row_or_a_list check (
    about ~ '^[a-z_]+( ([0-9]+|[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+))?$'
    and length(split_part(about, ' ', 1)) <= 40
    and (about not like '% ________%' or about like '% ________-____-____-____-____________'));
"""
RULES = ("a_purpose_is_one_word", "an_entry_names_a_verb", "an_entry_is_about_a_row_or_a_list")


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_each_key_once")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(NOW, BEFORE)], [migrations.RemoveConstraint("entry", name) for name in RULES]
        )
    ]

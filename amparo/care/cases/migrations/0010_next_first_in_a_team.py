"""Who works on a case has its next date beside them, so that the list of one's own cases is read as it is shown."""

from django.conf import settings
from django.db import migrations, models

FOLLOW = """
create function cases_tell_the_team() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    update cases_member set next_due = new.next_due where case_id = new.id;
    return null;
end $$;
create trigger a_team_knows_what_comes_next after update of next_due on cases_case
    for each row when (old.next_due is distinct from new.next_due) execute function cases_tell_the_team();

create function cases_tell_a_member() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
    select next_due into new.next_due from cases_case where id = new.case_id;
    return new;
end $$;
create trigger who_joins_knows_what_comes_next before insert on cases_member
    for each row execute function cases_tell_a_member();

update cases_member m set next_due = c.next_due from cases_case c where c.id = m.case_id;
"""
UNDO = """
drop trigger a_team_knows_what_comes_next on cases_case;
drop trigger who_joins_knows_what_comes_next on cases_member;
drop function cases_tell_the_team, cases_tell_a_member;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0009_followed_up_only"),
        ("vault", "0009_plates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("member", "next_due", models.DateTimeField(editable=False, null=True)),
        migrations.RunSQL(FOLLOW, UNDO),
        migrations.AddIndex(
            "member",
            models.Index(
                condition=models.Q(("next_due__isnull", False), ("until", None)),
                fields=["user", "next_due"],
                name="cases_of_mine_first",
            ),
        ),
    ]

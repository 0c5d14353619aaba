"""Whoever watches what is done sees each entry once, in order, when it is numbered: `audit.watch`, said by oversight."""

from django.db import migrations, models

FUNCTIONS = """
-- The live notes to send; nobody watches yet.
create function audit.watch(entries bigint[]) returns setof text
language sql set search_path = pg_catalog, pg_temp as 'select null::text where false';
do $$ begin
  revoke execute on function audit.watch from public;
  execute format('grant execute on function audit.watch to %I', current_database() || '_sealer');
end $$;

create function audit.openings_of(who int, entry bigint, how_many int) returns setof public.audit_entry
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select * from public.audit_entry
  where what = 'open_file' and user_id = who and id < entry and audit.is_auditor()
  order by id desc limit how_many
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_only_appended")]

    operations = [
        migrations.AddIndex(
            "entry",
            models.Index(
                condition=models.Q(("what", "open_file")), fields=["user_id", "at"], name="audit_entry_opened"
            ),
        ),
        migrations.RunSQL(FUNCTIONS, "drop function audit.openings_of, audit.watch"),
    ]

"""Many entries of one verb in one statement: who acts is asked, and its signature checked, once for all of them."""

from django.db import migrations

FUNCTION = """
create function audit.append_each(what text, abouts text[], fields text[], keys uuid[]) returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into public.audit_entry (at, user_id, agency_id, role, purpose, what, about, fields, key)
  select clock_timestamp(), who[1]::int, who[2]::int, who[3], who[4], what, each.about, fields, each.key
  from acting.claims() who, unnest(abouts, keys) as each(about, key)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_watched")]

    operations = [migrations.RunSQL(FUNCTION, "drop function audit.append_each")]

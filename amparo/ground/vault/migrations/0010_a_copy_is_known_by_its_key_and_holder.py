"""A copy of a key needs no number of its own. The column goes in a later release: a program of before still reads it.

The gate asks of each row whether a copy of its key is live: with its end, the index says so without the copy.
"""

from django.db import migrations, models

KNOWN = """
alter table vault_grant drop constraint vault_grant_pkey;
alter table vault_grant drop constraint a_holder_has_one_copy_of_a_key;
alter table vault_grant add constraint a_holder_has_one_copy_of_a_key primary key (key_id, holder) include (expires_at);

create function vault_rewrap(keys uuid[], holders text[], was text[], anew bytea[], becomes text[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare changed bigint;
begin
    if acting.role() is distinct from 'system/worker' then
        raise exception 'only the worker wraps keys anew' using errcode = '42501';
    end if;
    update vault_grant g set wrapped = n.anew, wrapping_key = n.becomes
    from unnest(keys, holders, was, anew, becomes) n (key, holder, was, anew, becomes)
    where g.key_id = n.key and g.holder = n.holder and g.wrapping_key = n.was;
    get diagnostics changed = row_count;
    return changed;
end $$;
"""
UNDO = """
drop function vault_rewrap(uuid[], text[], text[], bytea[], text[]);
alter table vault_grant drop constraint a_holder_has_one_copy_of_a_key;
alter table vault_grant add constraint a_holder_has_one_copy_of_a_key unique (key_id, holder);
alter table vault_grant add primary key (id);
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0009_plates")]

    operations = [
        migrations.RunSQL(
            KNOWN,
            UNDO,
            state_operations=[
                migrations.RemoveConstraint("grant", "a_holder_has_one_copy_of_a_key"),
                migrations.RemoveField("grant", "id"),
                migrations.AddField(
                    "grant",
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "holder", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
        )
    ]

"""What was told on the word of who called ends, too, when the person at risk takes the same back."""

from django.db import migrations

# By staff or with her code alike: neither needs to see what who called agreed to.
ENDS = """
create function consent_close_what_a_witness_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from vault_grant g using consent_consent c join people_person witness on witness.id = c.person_id,
        people_person herself
    where g.basis = c.id and c.key_id = new.key_id and c.withdrawn_at is null
        and herself.id = new.person_id and witness.id <> herself.id and witness.part = 'caller'
        and witness.same_human_as_id is distinct from herself.id
        and herself.same_human_as_id is distinct from witness.id
        and 'incident_facts' = any (c.data) and 'incident_facts' = any (new.data) and c.recipients && new.recipients;
    return null;
end $$;
create trigger what_a_witness_told_ends_with_hers after update of withdrawn_at on consent_consent
    for each row when (old.withdrawn_at is null and new.withdrawn_at is not null)
    execute function consent_close_what_a_witness_told();
"""
UNDO = """
drop trigger what_a_witness_told_ends_with_hers on consent_consent;
drop function consent_close_what_a_witness_told;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0006_a_basis_is_about_somebody"),
        ("people", "0001_initial"),
        ("vault", "0010_a_copy_is_known_by_its_key_and_holder"),
    ]
    operations = [migrations.RunSQL(ENDS, UNDO)]

"""Who called and chose to stay anonymous is named in no file of the case, until that choice is changed in the contact.

standards.md H3: the choice "forbids name, phone and address of the caller at database level". A case does not say which
of its contacts is whose: one that is anonymous is enough. She who called for herself is the same human under two records.
"""

from django.db import migrations

ANONYMOUS = """
create function cases_stays_anonymous(person uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select from people_person named join people_person caller on caller.key_id = named.key_id
            and caller.part = 'caller'
            and (caller.id = named.id or caller.same_human_as_id = named.id or named.same_human_as_id = caller.id)
        join cases_inclusion included on included.key_id = named.key_id
        join contacts_contact contact on contact.id = included.contact_id
        where named.id = cases_stays_anonymous.person and contact.privacy_choice = 'anonymous')
$$;
create function cases_keep_anonymous() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if cases_stays_anonymous(new.person_id) then
        raise exception 'who stays anonymous is not named' using errcode = '23514',
            constraint = 'who_stays_anonymous_is_not_named';
    end if;
    return new;
end $$;
create trigger who_stays_anonymous_is_not_named before insert or update on people_identity
    for each row when (num_nonnulls(new.names, new.document, new.born, new.phone, new.address) > 0) execute function cases_keep_anonymous();
"""
UNDO = """
drop trigger who_stays_anonymous_is_not_named on people_identity;
drop function cases_keep_anonymous, cases_stays_anonymous;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0013_a_competent_body_decides"), ("people", "0003_ages_and_edits")]
    operations = [migrations.RunSQL(ANONYMOUS, UNDO)]

"""Two people approve in their own names, an address is opened for an active placement alone, and told before it is."""

from django.db import migrations

TWO_PEOPLE = """
-- Who asks and who approves said so themselves (protection.InOwnName): nobody writes another's name there.
alter table shelters_approval add constraint an_approval_is_known_with_its_role unique (placement_id, by_id, as_role);
alter table shelters_placement add constraint who_asks_approved_it_too
    foreign key (id, requested_by_id) references shelters_approval (placement_id, by_id) deferrable initially deferred;
alter table shelters_placement add constraint who_approved_said_so_in_that_role
    foreign key (id, approved_by_id, approved_as) references shelters_approval (placement_id, by_id, as_role)
    deferrable initially deferred;
"""
NOT_SO = """
alter table shelters_placement drop constraint who_approved_said_so_in_that_role;
alter table shelters_placement drop constraint who_asks_approved_it_too;
alter table shelters_approval drop constraint an_approval_is_known_with_its_role;
"""

FUNCTIONS = """
create function shelters_holds(file uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from vault_grant g where g.key_id = file and g.holder = any (acting.holders())
        and g.expires_at > statement_timestamp())
$$;

-- The one way to an address. No row: not for who asks, or not now; a row of nulls: nobody has kept it yet.
create function shelters_open_address(placement uuid)
returns table (row_id uuid, key uuid, sealed bytea, copy bytea, copied_by text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    it shelters_placement%rowtype;
    kept shelters_houseaddress%rowtype;
begin
    select p.* into it from shelters_placement p
    where p.id = placement and shelters_holds(p.key_id) and acting.purpose() <> ''
        and (acting.role() = 'hotline/placement_officer'
            or acting.role() like 'hotline/%' and p.escort_user_id = acting.user_id())
        and (p.state = 'in_house' or p.state = 'approved' and exists (
            select from shelters_stay s join shelters_occupancy o on o.id = s.occupancy_id
            where s.placement_id = p.id and o.period @> statement_timestamp()));
    if not found then
        return;
    end if;
    select a.* into kept from shelters_houseaddress a where a.house_id = it.house_id;
    if not found then
        return query select null::uuid, null::uuid, null::bytea, null::bytea, null::text;
        return;
    end if;
    perform audit.append('look', 'houseaddress ' || kept.id, array['address'], it.key_id);
    return query select kept.id, kept.key_id, kept.address, g.wrapped, g.wrapping_key::text
        from vault_grant g where g.key_id = kept.key_id;
end $$;

-- Who brings them there is approved with the placement, and is nobody else afterwards.
create function shelters_escort_stays() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if old.state <> 'held' and new.escort_user_id is distinct from old.escort_user_id then
        raise exception 'who brings them there was approved, and stays' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger the_escort_stays before update of escort_user_id on shelters_placement
    for each row execute function shelters_escort_stays();

-- A house has one address: what was kept before goes with its key.
create function shelters_forget_former() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    with former as (delete from shelters_houseaddress a where a.house_id = new.house_id returning a.key_id),
        copies as (delete from vault_grant g using former f where g.key_id = f.key_id)
    update vault_datakey k set forgotten_at = now() from former f where k.id = f.key_id;
    return new;
end $$;
create trigger the_former_address_is_forgotten before insert on shelters_houseaddress
    for each row execute function shelters_forget_former();

-- What an officer or the house does is told in a case that they may not read. Over, the house reads it no longer.
create function shelters_tell(placement uuid, kind text, at timestamptz, is_over boolean) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare it shelters_placement%rowtype;
begin
    select p.* into it from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found or kind not in ('', 'bed_approved', 'bed_declined', 'arrived', 'moved_bed', 'left_house') then
        raise exception 'only who holds a placement tells of it' using errcode = '42501';
    end if;
    if kind <> '' then
        insert into cases_entry (id, case_id, key_id, kind, at, by_id, about)
        select gen_random_uuid(), c.id, c.key_id, shelters_tell.kind, shelters_tell.at, acting.user_id(), it.id::text
        from cases_case c where c.id = it.case_id;
    end if;
    if is_over and it.state in ('left', 'declined', 'released') then
        delete from vault_grant g where g.key_id = it.key_id and g.agency_id <> g.owner_id;
    end if;
end $$;

-- What a destroyed key sealed is of no use to anybody. That a bed was slept in is counted, and stays.
create function shelters_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update shelters_placement set escort = null, to_know = null, because = null where key_id = new.id;
    return null;
end $$;
create trigger placements_are_forgotten after update of forgotten_at on vault_datakey
    for each row when (new.forgotten_at is not null) execute function shelters_forget();
"""
UNDO = """
drop trigger placements_are_forgotten on vault_datakey;
drop trigger the_former_address_is_forgotten on shelters_houseaddress;
drop trigger the_escort_stays on shelters_placement;
drop function shelters_forget, shelters_escort_stays, shelters_tell, shelters_forget_former, shelters_open_address, shelters_holds;
"""
FIVE_YEARS = 5 * 365  # standards.md H14


def say_how_long(apps, schema_editor) -> None:
    apps.get_model("vault", "Retention").objects.get_or_create(kind="placement", defaults={"days": FIVE_YEARS})


class Migration(migrations.Migration):
    dependencies = [("shelters", "0001_initial"), ("audit", "0002_only_appended")]

    operations = [
        migrations.RunSQL(TWO_PEOPLE, NOT_SO),
        migrations.RunSQL(FUNCTIONS, UNDO),
        migrations.RunPython(say_how_long, migrations.RunPython.noop),
    ]

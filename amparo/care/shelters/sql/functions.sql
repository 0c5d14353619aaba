-- Returns whether the actor holds a live copy of this data key.
create or replace function shelters_holds(file uuid) returns bool
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (select from vault_grant g where g.key_id = file and g.holder = any (acting.holders())
        and g.expires_at > statement_timestamp())
$$;

-- Returns the sealed address of a placement's house and the copy of its key; the only way to an address.
-- No row: the actor may not read it, or not now. A row of nulls: no address is stored. A disclosure is logged first.
create or replace function shelters_open_address(placement uuid)
returns table(row_id uuid, key uuid, sealed bytea, copy bytea, copied_by text)
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
end
$$;

-- Refuses to change the requester or escort of a requested placement, and to change the state of one that is over.
create or replace function shelters_escort_stays() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if (old.requested_by_id is not null or old.state <> 'reserved') and
        (new.requested_by_id, new.escort_user_id) is distinct from (old.requested_by_id, old.escort_user_id) then
        raise exception 'who brings them there was approved, and stays' using errcode = '42501';
    end if;
    if old.state in ('left', 'declined', 'released') and new.state <> old.state then
        raise exception 'a placement that is over stays so' using errcode = '42501';
    end if;
    return new;
end
$$;

-- Destroys the previous address of a house and its key: a house has one address.
create or replace function shelters_forget_former() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    with former as (delete from shelters_houseaddress a where a.house_id = new.house_id returning a.key_id),
        copies as (delete from vault_grant g using former f where g.key_id = f.key_id)
    update vault_datakey k set forgotten_at = now() from former f where k.id = f.key_id;
    return new;
end
$$;

-- Writes an event of a placement in its case, by an actor who need not read the case.
-- When the placement is over, it also ends the access of the house and of an escort outside the team.
create or replace function shelters_add_case_entry(placement uuid, kind text, at timestamptz, is_over bool) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare it shelters_placement%rowtype;
begin
    select p.* into it from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found or kind not in ('', 'bed_approved', 'bed_declined', 'arrived', 'moved_bed', 'left_house',
            'stay_planned', 'not_arrived') then
        raise exception 'only who holds a placement adds its entries' using errcode = '42501';
    end if;
    if kind <> '' then
        insert into cases_caseentry (id, case_id, key_id, kind, at, by_id, about)
        select gen_random_uuid(), c.id, c.key_id, shelters_add_case_entry.kind, shelters_add_case_entry.at, acting.user_id(), it.id::text
        from cases_case c where c.id = it.case_id;
    end if;
    if is_over and it.state in ('left', 'declined', 'released') then
        delete from vault_grant g where (g.key_id = it.key_id or g.key_id in (
            select t.key_id from shelters_riskbriefingshare t where t.placement_id = it.id)) and (g.agency_id <> g.owner_id
            or g.holder = 'u' || it.escort_user_id and not exists (select from cases_member m
                where m.case_id = it.case_id and m.user_id = it.escort_user_id and m.until is null));
    end if;
end
$$;

-- Clears the sealed columns and the risk briefing of a placement whose key was destroyed.
create or replace function shelters_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update shelters_placement set escort = null, because = null where key_id = new.id;
    delete from shelters_riskbriefingshare where key_id = new.id;
    return null;
end
$$;

-- Returns whether every consent of the newest risk briefing is live. It is for officers, who may not read consents.
-- `holds` locks the consents: a withdrawal then waits until the transaction ends, and closes the new copies too.
create or replace function shelters_is_agreed(placement uuid, holds bool) returns bool
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare bases uuid[];
begin
    select array_agg(t.basis) into bases from shelters_riskbriefingshare t join shelters_placement p on p.id = t.placement_id
    where p.id = placement and shelters_holds(p.key_id)
        and t.at = (select max(n.at) from shelters_riskbriefingshare n where n.placement_id = placement);
    if holds then
        perform from consent_consent c where c.id = any (bases) order by c.id for share;
    end if;
    return bases is not null and not exists (select from unnest(bases) basis where not exists (
        select from consent_consent c where c.id = basis and c.withdrawn_at is null
            and c.expires_at > statement_timestamp()));
end
$$;

-- Refuses the change to anybody but a placement officer. A house's staff may only confirm its state; those who
-- search for beds may only take them.
create or replace function shelters_by_officers() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user = current_database() || '_web'
            and acting.role() is distinct from 'hotline/placement_officer' then
        raise exception 'what a house is and which beds it has, placement officers say' using errcode = '42501';
    end if;
    return new;
end
$$;

-- Locks the case of a placement. Arriving and leaving lock the case before the house, as holding a bed does.
create or replace function shelters_wait_for_case(placement uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform from cases_case c join shelters_placement p on p.case_id = c.id
    where p.id = placement and shelters_holds(p.key_id) for no key update of c;
end
$$;

-- Keeps one task in the case for the earliest planned end of its stays, at 09:00 local time.
-- It closes the task when all have left, unless it is the last open one: an open case always has a next task.
create or replace function shelters_plan_end(placement uuid, zone text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare of_case uuid; first date; by_then timestamptz;
begin
    select p.case_id into of_case from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found then
        raise exception 'only who holds a placement plans its end' using errcode = '42501';
    end if;
    perform shelters_wait_for_case(placement);
    select min(p.planned_to) into first from shelters_placement p where p.case_id = of_case and p.state = 'in_house';
    by_then := greatest((first + time '09:00') at time zone zone, statement_timestamp());
    if first is not null then
        perform cases_plan(of_case, 'stay', by_then, false);
        update cases_task t set due = by_then where t.case_id = of_case and t.kind = 'stay' and t.is_open;
    else
        update cases_task t set is_open = false, done_at = statement_timestamp(), done_by_id = acting.user_id(),
            was_done = false
        where t.case_id = of_case and t.kind = 'stay' and t.is_open and exists (
            select from cases_task other where other.case_id = of_case and other.is_open and other.kind <> 'stay');
    end if;
    perform cases_set_next_task(of_case);
end
$$;

-- Plans the task for the earliest planned end of a stay again when a case is reopened.
create or replace function shelters_plan_again() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_plan(new.id, 'stay',
        greatest((min(p.planned_to) + time '09:00') at time zone tg_argv[0], statement_timestamp()), false)
    from shelters_placement p where p.case_id = new.id and p.state = 'in_house' having min(p.planned_to) is not null;
    return null;
end
$$;

-- Updates the task of a hold, which has the placement's id, so that it can be settled without reading the case.
-- Declined, the task stays open: the person still needs a bed. It also stays open if it is the case's last open task.
create or replace function shelters_update_task(placement uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    it shelters_placement%rowtype;
    runs_out timestamptz;
begin
    select p.* into it from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found then
        raise exception 'only who holds a placement settles it' using errcode = '42501';
    end if;
    if it.state in ('requested', 'approved') then
        select max(upper(s.reserved)) into runs_out from shelters_stay s where s.placement_id = it.id;
        -- Its task ended with an arrival that was taken back: the hold that began then has it again.
        update cases_task t set is_open = true, done_at = null, done_by_id = null, was_done = null, due = runs_out
        where t.id = it.id and not t.is_open
            and t.done_at <= (select min(lower(s.reserved)) from shelters_stay s where s.placement_id = it.id);
        update cases_task t set due = runs_out where t.id = it.id and t.is_open and t.due <= runs_out;
    elsif it.state in ('in_house', 'left', 'released') then
        update cases_task t set is_open = false, done_at = statement_timestamp(), done_by_id = acting.user_id(),
            was_done = it.state <> 'released'
        where t.id = it.id and t.is_open and exists (
            select from cases_task other where other.case_id = it.case_id and other.is_open and other.id <> t.id);
    else
        return;
    end if;
    if found then  -- only then: a move to another bed does not lock the case
        perform cases_set_next_task(it.case_id);
    end if;
end
$$;

create or replace trigger the_former_address_is_forgotten before insert on shelters_houseaddress
    for each row
    execute function shelters_forget_former();

create or replace trigger placements_are_forgotten after update of forgotten_at on vault_datakey
    for each row
    when (new.forgotten_at is not null)
    execute function shelters_forget();

create or replace trigger what_was_approved_stays before update of state, requested_by_id, escort_user_id on shelters_placement
    for each row
    execute function shelters_escort_stays();

create or replace trigger a_house_is_changed_by_officers before update on shelters_house
    for each row
    when ((to_jsonb(new.*) - 'confirmed_at') is distinct from (to_jsonb(old.*) - 'confirmed_at'))
    execute function shelters_by_officers();

create or replace trigger a_bed_goes_by_officers before insert or update on shelters_occupancy
    for each row
    when (new.kind in ('gone', 'closed'))
    execute function shelters_by_officers();

create or replace trigger who_is_in_a_house_is_planned_for_again after update of closed_at on cases_case
    for each row
    when ((old.closed_at is not null) and (new.closed_at is null))
    execute function shelters_plan_again('America/Lima');

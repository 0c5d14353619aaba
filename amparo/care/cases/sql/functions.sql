-- When a key is destroyed, clear the texts that it sealed. Columns used in figures stay.
create or replace function cases_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update cases_case set situation = null, closing_words = null, edits = '{}' where key_id = new.id;
    update cases_task set words = null, result = null where key_id = new.id;
    update cases_caseentry set words = null where key_id = new.id;
    update cases_event set words = null where key_id = new.id;
    delete from cases_handover where key_id = new.id;
    return null;
end
$$;

-- Count, for the hand-over of a shift, all open cases in danger, all urgent ones, and all promises to people that are due
-- before `until`. Whoever takes calls may know how many there are, also of cases that they cannot see.
create or replace function cases_for_shift(until timestamptz)
returns table (in_danger bigint, urgent bigint, promises bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select count(*) filter (where c.urgency = 'immediate'), count(*) filter (where c.urgency = 'urgent'),
        coalesce(sum((select count(*) from cases_task t where t.case_id = c.id and t.is_open
            and t.kind in ('call', 'visit', 'tell') and t.due < cases_for_shift.until)), 0)::bigint
    from cases_case c
    where c.closed_at is null and acting.role() in ('hotline/operator', 'hotline/supervisor')
$$;

-- Copy a case's next due date to all rows of its team.
create or replace function cases_copy_due_date_to_team() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update cases_member set next_due = new.next_due where case_id = new.id;
    return null;
end
$$;

-- Copy a case's next due date to a new row of its team.
create or replace function cases_copy_due_date_to_member() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    select next_due into new.next_due from cases_case where id = new.case_id;
    return new;
end
$$;

-- True if this person is the caller of their case, or the same human, and the caller chose to stay anonymous.
create or replace function cases_stays_anonymous(person uuid) returns bool
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select exists (
        select from people_person named join people_person caller on caller.key_id = named.key_id
            and caller.part = 'caller'
            and (caller.id = named.id or caller.same_human_as_id = named.id or named.same_human_as_id = caller.id)
        join cases_casecontact included on included.key_id = named.key_id
        join contacts_contact contact on contact.id = included.contact_id
        where named.id = cases_stays_anonymous.person and contact.privacy_choice = 'anonymous')
$$;

-- Refuse an identity for a person who stays anonymous.
create or replace function cases_keep_anonymous() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if cases_stays_anonymous(new.person_id) then
        raise exception 'who stays anonymous is not named' using errcode = '23514',
            constraint = 'who_stays_anonymous_is_not_named';
    end if;
    return new;
end
$$;

-- Add a timeline entry for something that happened in another room, on behalf of a user who cannot read the case.
-- `task` also plans a critical task of that kind, due at `due`.
create or replace function cases_add_entry(
    of_case uuid, kind text, at timestamptz, by_id bigint, about text, task text, due timestamptz
) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare it cases_case%rowtype;
begin
    select c.* into it from cases_case c where c.id = of_case for no key update;
    if not found then
        return;
    end if;
    insert into cases_caseentry (id, case_id, key_id, kind, at, by_id, about)
    values (gen_random_uuid(), it.id, it.key_id, kind, at, by_id, about);
    if task is not null then
        perform cases_plan(of_case, task, due, true);
    end if;
end
$$;

-- Refuse to link two records as the same human if one stays anonymous and one of them has an identity.
create or replace function cases_keep_anonymous_of_two() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (select from people_identity i where i.person_id in (new.id, new.same_human_as_id)
        and num_nonnulls(i.names, i.document, i.born, i.phone, i.address) > 0 and cases_stays_anonymous(i.person_id)) then
        raise exception 'who stays anonymous is not named' using errcode = '23514',
            constraint = 'who_stays_anonymous_is_not_named';
    end if;
    return null;
end
$$;

-- Make the earliest open task of a case its next one, with the rights of the table owner. Does nothing in a closed case.
create or replace function cases_set_next_task(of_case uuid) returns void
language sql set search_path = pg_catalog, public, pg_temp as $$
    update cases_case c set (next_task_id, next_due) = (
        select t.id, t.due from cases_task t where t.case_id = of_case and t.is_open order by t.due, t.id limit 1)
    where c.id = of_case and c.closed_at is null
$$;

-- End the task of a request that was answered or cancelled, from a trigger of another room, with the rights of the table
-- owner. Without `ended_by` the institution answered itself. The last open task stays: an open case always has a next one.
create or replace function cases_end_task(task uuid, at timestamptz, ended_by bigint, is_done bool) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare of_case uuid := (select t.case_id from cases_task t where t.id = task);
begin
    perform from cases_case c where c.id = of_case for no key update;
    update cases_task t set is_open = false, done_at = at, done_by_id = ended_by, was_done = is_done
    where t.id = task and t.is_open and exists (
        select from cases_task other where other.case_id = of_case and other.is_open and other.id <> task);
    if found then
        perform cases_set_next_task(of_case);
    end if;
end
$$;

-- Plan a task from a trigger of another room, with the rights of the table owner. Does nothing if the case is closed or
-- already has an open task of this kind.
create or replace function cases_plan(of_case uuid, task text, due timestamptz, is_critical bool) returns void
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare it cases_case%rowtype; made uuid := gen_random_uuid();
begin
    select c.* into it from cases_case c where c.id = of_case for no key update;
    if not found or it.closed_at is not null
            or exists (select from cases_task t where t.case_id = it.id and t.is_open and t.kind = task) then
        return;
    end if;
    insert into cases_task (id, case_id, key_id, kind, due, is_critical, is_open)
    values (made, it.id, it.key_id, task, due, is_critical, true);
    if due < it.next_due then
        update cases_case set next_task_id = made, next_due = due where id = it.id;
    end if;
end
$$;

create or replace trigger cases_are_forgotten after update of forgotten_at on vault_datakey
    for each row
    when (new.forgotten_at is not null)
    execute function cases_forget();

-- Keep `cases_member.next_due` equal to the case's, so that an index can list a user's cases by due date.
create or replace trigger a_team_knows_what_comes_next after update of next_due on cases_case
    for each row
    when (old.next_due is distinct from new.next_due)
    execute function cases_copy_due_date_to_team();

create or replace trigger who_joins_knows_what_comes_next before insert on cases_member
    for each row
    execute function cases_copy_due_date_to_member();

create or replace trigger who_stays_anonymous_is_not_named before insert or update on people_identity
    for each row
    when (num_nonnulls(new.names, new.document, new.born, new.phone, new.address) > 0)
    execute function cases_keep_anonymous();

create or replace trigger who_stays_anonymous_is_nobody_named after insert or update of same_human_as_id on people_person
    for each row
    when (new.same_human_as_id is not null)
    execute function cases_keep_anonymous_of_two();

-- A practice contact belongs to no case.
drop policy if exists practice_belongs_to_no_case on cases_casecontact;
create policy practice_belongs_to_no_case on cases_casecontact as restrictive for insert with check (
    exists (select from contacts_contact c where c.id = contact_id and c.practice_of_id is null));

-- The numbers in the codes of these cases, by their data keys; for auditors, whose ledger knows them by a key alone.
create or replace function cases_numbers(files uuid[]) returns table (file uuid, number int)
language sql stable security definer as $$
    select r.key_id, r.number from cases_case r where r.key_id = any (files) and audit.is_auditor()
$$;

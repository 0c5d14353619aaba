-- Checks that a new copy of a key names the agency of its holder. The vault knows holders by name alone; this room
-- knows their agencies. 0 is the machine itself.
create or replace function access_check_holders() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if exists (
        select from written w
        left join access_user u on u.id = case when w.holder ~ '^u[0-9]+$' then substr(w.holder, 2)::int end
        where w.agency_id <> case when w.holder ~ '^[0-9]+:' then nullif(split_part(w.holder, ':', 1), '0')::int
            else u.agency_id end
    ) then
        raise exception 'a holder is of another agency than the copy says' using errcode = '23514';
    end if;
    return null;
end
$$;

-- Refuses authenticators that somebody registers for another user, and changes to existing ones. Only recovery codes
-- change: they are crossed off during sign-in, when there is no actor yet.
create or replace function access_check_authenticators() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if current_user = current_database() || '_web' and (case tg_op
        when 'INSERT' then new.user_id is distinct from acting.user_id()
        else (new.user_id, new.type) <> (old.user_id, old.type)
            or new.type <> 'recovery_codes' and new.data <> old.data end)
    then
        raise exception 'everybody registers for themselves' using errcode = '42501';
    end if;
    return new;
end
$$;

-- Refuses a page that changes a role, unless an administrator of the same agency changes that of a colleague. So SQL that
-- is injected into a page makes nobody an administrator.
create or replace function access_check_roles() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if new.role is distinct from old.role and current_user = current_database() || '_web' and not (
        split_part(acting.role(), '/', 2) = 'administrator' and old.agency_id = acting.agency_id()
        and old.id <> acting.user_id()
    ) then
        raise exception 'an administrator changes the role of a colleague' using errcode = '42501';
    end if;
    return new;
end
$$;

create or replace trigger roles_are_changed_by_administrators before update of role on access_user
    for each row
    execute function access_check_roles();

-- Refuses a page that changes a name, unless its owner is taking the first step of the first run.
create or replace function access_check_names() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user = current_database() || '_web' and (
        new.username is distinct from old.username or new.first_name is distinct from old.first_name
    ) and (old.id is distinct from acting.user_id() or not exists (
        select from public.access_firstrun r
        where r.user_id = old.id and r.opened_at is not null and r.finished_at is null
    )) then
        raise exception 'a name is written in the first run' using errcode = '42501';
    end if;
    return new;
end
$$;

create or replace trigger names_are_written_in_the_first_run before update of username, first_name on access_user
    for each row
    execute function access_check_names();

create or replace trigger holders_are_of_their_agency after insert on vault_grant referencing new table as written
    for each statement
    execute function access_check_holders();

create or replace trigger everybody_registers_for_themselves before insert or update on mfa_authenticator
    for each row
    execute function access_check_authenticators();

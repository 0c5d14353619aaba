-- Adds a message sent with a return code to the owner's case, with a task for the team to read it within a day.
-- The task stays even if somebody else on the shift reads the message first.
create or replace function returning_add_case_entry() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_add_entry(c.id, 'came_back', new.at, null, b.code_id::text, 'read', new.at + interval '1 day')
    from returning_returncodeowner b join cases_case c on c.key_id = b.key_id where b.code_id = new.code_id;
    return null;
end
$$;

-- Plans a task to record the owner of a return code in a case, due in a day, for a live code that has no owner yet.
create or replace function returning_plan_owner_task() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_plan(i.case_id, 'whose', statement_timestamp() + interval '1 day', false)
    from cases_casecontact i join contacts_returncode r on r.contact_id = i.contact_id
    where i.contact_id = new.contact_id and r.ended_at is null and r.until > statement_timestamp()
        and not exists (select from returning_returncodeowner b where b.code_id = r.id);
    return null;
end
$$;

create or replace trigger messages_enter_the_case after insert on contacts_returncodemessage
    for each row
    when (new.from_bearer)
    execute function returning_add_case_entry();

create or replace trigger new_codes_need_an_owner after insert on contacts_returncode
    for each row
    execute function returning_plan_owner_task();

create or replace trigger codes_of_new_cases_need_an_owner after insert on cases_casecontact
    for each row
    execute function returning_plan_owner_task();

-- Writes an event of a report in its case, with a task to answer a question or to inform the person, within a day. With the
-- decision ends the task that asked for it.
create or replace function police_reports_add_case_entry() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_add_entry(
        r.case_id, case new.kind when 'question' then 'asked_back' else new.kind end, new.at, new.by_id, r.id::text,
        case when new.kind = 'question' then 'answer' when new.may_tell is not null then 'tell' end,
        new.at + interval '1 day')
    from police_reports_report r where r.id = new.report_id;
    if new.kind = 'decided' then
        perform cases_end_task(new.report_id, new.at, new.by_id, true);
    end if;
    return null;
end
$$;

-- Refuses to anybody but the hotline to recall a report.
create or replace function police_reports_check_recaller() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user = current_database() || '_web'
            and coalesce(acting.role(), '') not in ('hotline/operator', 'hotline/supervisor', 'hotline/case_worker') then
        raise exception 'only the line recalls a report' using errcode = '42501';
    end if;
    return new;
end
$$;

create or replace trigger report_events_enter_the_case after insert on police_reports_reportevent
    for each row
    when (new.kind in ('received', 'question', 'decided', 'outcome'))
    execute function police_reports_add_case_entry();

create or replace trigger only_the_line_recalls before insert on police_reports_reportevent
    for each row
    when (new.kind = 'recalled')
    execute function police_reports_check_recaller();

-- The numbers in the codes of these reports, by their data keys; for auditors, whose ledger knows them by a key alone.
create or replace function police_reports_numbers(files uuid[]) returns table (file uuid, number int)
language sql stable security definer as $$
    select r.key_id, r.number from police_reports_report r where r.key_id = any (files) and audit.is_auditor()
$$;

-- Makes a report findable by the number under which its unit keeps it, by keyed tokens of the hotline. Its liaisons give the
-- number but may write no row under a key of the hotline; so this function writes it, for who can read the report.
create or replace function police_reports_add_number(report uuid, tokens bytea[], made_with text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare file uuid := (select r.key_id from police_reports_report r where r.id = report);
begin
    if not coalesce(audit.may_open(file), false) then
        raise exception 'only who reads a report gives its number' using errcode = '42501';
    end if;
    insert into vault_token (key_id, kind, token, made_with)
    select file, 'register', each, police_reports_add_number.made_with from unnest(tokens) each
    on conflict do nothing;
end
$$;

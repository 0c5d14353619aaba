-- Counts the outcomes of the last ten referrals to each service, for those who search for a service.
-- It counts referrals of cases that the actor may not see, so it returns numbers only. A referral that was cancelled
-- before an answer does not count.
create or replace function directory_outcomes(services uuid[], at timestamptz)
returns table(service uuid, accepted bigint, declined bigint, unanswered bigint, waiting bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    select s.id, count(*) filter (where last.answer = 'accepted'), count(*) filter (where last.answer = 'declined'),
        count(*) filter (where last.answer is null and last.answer_by < at),
        count(*) filter (where last.answer is null and last.answer_by >= at)
    from unnest(services) s (id) cross join lateral (
        select r.answer_by, answered.kind as answer
        from referrals_referral r left join referrals_referralevent answered
            on answered.referral_id = r.id and answered.kind in ('accepted', 'declined')
        where r.service_id = s.id and (answered.kind is not null or not exists (
            select from referrals_referralevent off where off.referral_id = r.id and off.kind = 'cancelled'))
        order by r.sent_at desc limit 10
    ) last
    where acting.role() in
        ('hotline/operator', 'hotline/supervisor', 'hotline/case_worker', 'hotline/directory_editor')
    group by s.id
$$;

-- Returns the events of these people's referrals, for the bearer of a return code: time and kind only.
create or replace function referrals_events_for_bearer(people uuid[]) returns table(at timestamptz, kind varchar)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with hers as (
        select r.id, r.sent_at from referrals_referral r
        where r.person_id = any (people) and (select (vault_own_copy(r.key_id)).key_id) is not null
    )
    select sent_at, 'requested' from hers
    union all select t.at, t.kind from referrals_referralevent t join hers on hers.id = t.referral_id where t.kind <> 'informed'
$$;

-- Writes an event of a referral in its case, with a task to inform the person of an answer, within a day. The task that
-- asked for the answer ends.
create or replace function referrals_add_case_entry() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_add_entry(
        r.case_id, case new.kind when 'arrived' then 'got_there' when 'cancelled' then 'referral_cancelled' else new.kind end, new.at, new.by_id, r.id::text,
        case when new.kind in ('accepted', 'declined') then 'tell' end, new.at + interval '1 day')
    from referrals_referral r where r.id = new.referral_id;
    if new.kind in ('accepted', 'declined', 'cancelled') then
        perform cases_end_task(new.referral_id, new.at, new.by_id, new.kind <> 'cancelled');
    end if;
    return null;
end
$$;

create or replace trigger referral_events_enter_the_case after insert on referrals_referralevent
    for each row
    when (new.kind in ('accepted', 'declined', 'arrived', 'served', 'cancelled'))
    execute function referrals_add_case_entry();

-- The numbers in the codes of these referrals, by their data keys; for auditors, whose ledger knows them by a key alone.
create or replace function referrals_numbers(files uuid[]) returns table (file uuid, number int)
language sql stable security definer as $$
    select r.key_id, r.number from referrals_referral r where r.key_id = any (files) and audit.is_auditor()
$$;

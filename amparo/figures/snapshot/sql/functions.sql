-- Return a place as the figures know it: a department of Peru by its two digits, a neighbouring country by its code,
-- 'abroad' for any other country; null if unknown.
create or replace function snapshot_place(ubigeo text, country text) returns text language sql immutable as $$
    select case
        when ubigeo <> '' then left(ubigeo, 2)
        when country in ('', 'PE') then null
        when country in ('EC', 'CO', 'BR', 'BO', 'CL') then country
        else 'abroad'
    end
$$;

-- Return which month of its quarter a moment is in.
create or replace function snapshot_month(at timestamptz, zone text) returns text language sql stable as $$
    select (array['third', 'first', 'second'])[extract(month from at at time zone zone)::int % 3 + 1]
$$;

-- Return how somebody was controlled, after CTDC's meansOfControl, by one of ILO's signs; null: it is of something else.
create or replace function snapshot_control(sign text) returns text language sql immutable as $$
    select case
        when sign like 'deceptive\_recruitment.%' then 'false_promises'
        when sign !~ '^(coercive_recruitment|coercion_destination|exploitation)\.' then null
        else case split_part(sign, '.', 2)
            when 'debt_bondage' then 'debt_bondage'
            when 'wages_withheld' then 'takes_earnings'
            when 'money_withheld' then 'restricts_financial_access'
            when 'threat_violence' then 'threats'
            when 'violence_family' then 'threats'
            when 'threat_denounce' then 'threat_of_law_enforcement'
            when 'violence_victim' then 'physical_abuse'
            when 'isolation' then 'restricts_movement'
            when 'excessive_hours' then 'excessive_working_hours'
            when 'bad_living' then 'withholds_necessities'
            when 'documents_taken' then 'withholds_documents'
        end
    end
$$;

-- Return the form of exploitation that a purpose of the legal test belongs to.
create or replace function snapshot_form(purpose text) returns text language sql immutable as $$
    select case
        when purpose = 'sexual' then 'sexual'
        when purpose in ('forced_labour', 'labour_exploitation', 'slavery', 'servitude') then 'labour'
        when purpose = 'organs' then 'organs'
        else 'other'
    end
$$;

-- Return an age at the events as the figures know it.
create or replace function snapshot_age(years smallint, age_group text) returns text language sql immutable as $$
    select case when years < 18 then 'child' when years >= 18 then 'adult'
        else coalesce(nullif(age_group, ''), 'unknown') end
$$;

-- Count one month or quarter over all rooms, and return the id of the new snapshot. It runs with the rights of its owner,
-- so the row policies do not apply. It raises 42501 for anybody but a publisher, and 23514 until three days after the end.
-- `first` is the first day, `span` how many months, 1 or 3, `zone` the time zone of the midnights.
create or replace function snapshot_take(first date, span integer, zone text, at timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    begins timestamptz := first::timestamp at time zone zone;
    ends timestamptz := (first + make_interval(months => span)) at time zone zone;
    counted jsonb;
    made bigint;
begin
    if acting.role() is distinct from 'hotline/publisher' then
        raise exception 'only a publisher counts' using errcode = '42501';
    end if;
    if ends + interval '3 days' > statement_timestamp() then
        raise exception 'months are counted three days after their end' using errcode = '23514';
    end if;
    with talked as (
        select c.ubigeo, c.type, c.channel, snapshot_month(c.started, zone) as month from contacts_contact c
        where c.started >= begins and c.started < ends and c.state = 'wrapped' and c.practice_of_id is null
            and c.type not in ('silent', 'hang_up', 'cut', 'wrong_number', 'test', 'prank')
    ), at_risk as (
        select p.*, k.opened_at from people_person p join cases_case k on k.key_id = p.key_id
        where p.part = 'at_risk' and p.merged_into_id is null and k.opened_at >= begins and k.opened_at < ends
    ), routes as (  -- of each person, in all their records: where the first recruitment and the first exploitation were, and every transit
        select e.person_id,
            (array_agg(e.place order by e.since nulls last, e.id) filter (where e.kind = 'recruitment'))[1] as came_from,
            (array_agg(e.place order by e.since nulls last, e.id) filter (where e.kind = 'exploitation'))[1] as went_to,
            array_agg(distinct e.place) filter (where e.kind = 'transit') as passed
        from (
            select e.id, them.id as person_id, e.kind, e.since, snapshot_place(e.ubigeo, e.country) as place
            from at_risk them join people_person p on p.id = them.id or p.merged_into_id = them.id
            join cases_event e on e.person_id = p.id where not e.is_mistake
        ) e where e.place is not null group by e.person_id
    ), persons as (
        select
            snapshot_age(p.age_at_events, p.age_group) as age,
            coalesce(nullif(p.gender, ''), 'unknown') as gender,
            case when p.citizenship = '' then 'not_said'
                when p.citizenship in ('PE', 'VE', 'EC', 'CO', 'BR', 'BO', 'CL') then p.citizenship
                else 'abroad' end as nationality,
            coalesce(r.came_from, snapshot_place(p.ubigeo_origin, 'PE'), (
                select snapshot_place(min(d.ubigeo_origin), 'PE') from people_person d
                where d.merged_into_id = p.id and d.ubigeo_origin <> ''
            )) as came_from,
            r.went_to, coalesce(r.passed, '{}') as passed,
            snapshot_month(p.opened_at, zone) as month
        from at_risk p left join routes r on r.person_id = p.id
    ), decided as (  -- since when a competent body recognises each victim: no later decision says otherwise
        select person_id, min(decided_on) as since from (
            select coalesce(p.merged_into_id, p.id) as person_id, r.decided_on,
                bool_and(r.status = 'actual_victim') over (
                    partition by coalesce(p.merged_into_id, p.id) order by r.decided_on desc, r.written_at desc
                ) as stands
            from screening_recognition r join people_person p on p.id = r.person_id where p.part = 'at_risk'
        ) r where stands group by person_id
    ), recognised as (
        select p.id, snapshot_age(p.age_at_events, p.age_group) as age, coalesce(nullif(p.gender, ''), 'unknown') as gender
        from decided d join people_person p on p.id = d.person_id
        where d.since >= first and d.since < first + make_interval(months => span)
    ), ticked as (  -- what the newest signed assessment of each of them, in any of their records, answers with yes
        select s.person_id, split_part(given.key, '.', 1) as list, split_part(given.key, '.', 2) as item,
            snapshot_control(given.key) as control
        from (
            select distinct on (them.id) them.id as person_id, a.answers
            from (select id from at_risk union select id from recognised) them
            join people_person p on p.id = them.id or p.merged_into_id = them.id
            join screening_assessment a on a.person_id = p.id
            order by them.id, a.signed_at desc
        ) s, jsonb_each_text(s.answers) as given where given.value = 'yes' and given.key not like '%.ruled_out'
    ), forms as (
        select person_id, array_agg(distinct snapshot_form(item)) as forms from ticked where list = 'purpose'
        group by person_id
    ), cells (name, cell) as (
        select 'contacts_by_department', coalesce(nullif(left(ubigeo, 2), ''), 'not_said') from talked
        union all select 'contacts_by_type', type from talked
        union all select 'contacts_by_channel', channel from talked
        union all select 'contacts_by_month', month from talked where span > 1
        union all select 'contacts_by_department_and_type', coalesce(nullif(left(ubigeo, 2), ''), 'not_said') || '>' || type
            from talked
        union all select 'contacts_by_department_and_channel',
            coalesce(nullif(left(ubigeo, 2), ''), 'not_said') || '>' || channel from talked
        union all select 'reports_by_answer', case when exists (
            select from police_reports_reportevent s
            where s.report_id = r.id and s.kind = 'decided' and s.at <= r.sent_at + interval '72 hours'
        ) then 'in_time' else 'late' end
        from police_reports_report r where r.sent_at >= begins and r.sent_at < ends
            and not exists (select from police_reports_reportevent b where b.report_id = r.id and b.kind = 'recalled')
        union all select 'persons_by_age', age from persons
        union all select 'persons_by_gender', gender from persons
        union all select 'persons_by_nationality', nationality from persons
        union all select 'persons_by_month', month from persons where span > 1
        union all select 'persons_by_age_and_gender', age || '>' || gender from persons
        union all select 'persons_by_route', coalesce(came_from || '>' || went_to, 'not_said') from persons
        union all select 'persons_by_transit', case
            when cardinality(passed) > 1 then 'several' else coalesce(passed[1], 'not_said') end from persons
        union all select 'persons_by_' || list, item from ticked
            where list in ('act', 'means', 'purpose') and person_id in (select id from at_risk)
        union all select 'persons_by_control', control from (
            select distinct person_id, control from ticked
            where control is not null and person_id in (select id from at_risk)
        ) t
        union all select 'victims_by_age', age from recognised
        union all select 'victims_by_gender', gender from recognised
        union all select 'victims_by_form', case
            when cardinality(f.forms) > 1 then 'several' else coalesce(f.forms[1], 'not_said') end
            from recognised v left join forms f on f.person_id = v.id
        union all select 'events_by_kind', e.kind from (
            select distinct them.id, e.kind from cases_case k join people_person them on them.key_id = k.key_id
            join people_person p on p.id = them.id or p.merged_into_id = them.id
            join cases_event e on e.person_id = p.id
            where them.merged_into_id is null and not e.is_mistake and k.closed_at >= begins and k.closed_at < ends
        ) e
        union all select 'perpetrators_by_gender', coalesce(nullif(p.gender, ''), 'unknown') from people_person p
            join cases_case k on k.key_id = p.key_id
            where p.part = 'alleged_perpetrator' and p.merged_into_id is null
            and k.opened_at >= begins and k.opened_at < ends
        union all select 'cases_by_closing', k.closing from cases_case k
        where k.closed_at >= begins and k.closed_at < ends
    ), counts as (
        select name, cell, count(*) as n from cells group by name, cell
    )
    select coalesce(jsonb_object_agg(name, per), '{}') into counted
    from (select name, jsonb_object_agg(cell, n) as per from counts group by name) as by_table;
    insert into snapshot_snapshot (first_day, months, counts, checksum, taken_at, taken_by_id)
    values (first, span, counted, encode(sha256(convert_to(counted::text, 'UTF8')), 'hex'), at, acting.user_id())
    returning id into made;
    return made;
end
$$;

-- Whether a contact says something: it is closed, and is neither silent, a prank, a test nor a wrong number. The same
-- contacts as in the published figures.
create or replace function campaigns_is_substantive(c contacts_contact) returns bool
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select c.state = 'wrapped' and c.type not in ('silent', 'hang_up', 'cut', 'wrong_number', 'test', 'prank')
        and c.channel <> 'outgoing' and c.practice_of_id is null
$$;

-- Count the substantive contacts that began in each span of time. `dialled`: only calls to this number of the hotline;
-- blank: all contacts. It runs with the rights of its owner and returns counts alone; only campaign officers may call it.
create or replace function campaigns_count_contacts(dialled text, begins timestamptz[], ends timestamptz[])
returns integer[] language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if acting.role() is distinct from 'hotline/campaign_officer' then
        raise exception 'only a campaign officer counts contacts' using errcode = '42501';
    end if;
    return (
        select array_agg((
            select count(*)::int from contacts_contact c left join switchboard_call k on k.id = c.call_id
            where c.started >= span.b and c.started < span.e and campaigns_is_substantive(c)
                and (dialled = '' or replace(k.line, ' ', '') = dialled)
        ) order by span.i)
        from unnest(begins, ends) with ordinality as span (b, e, i)
    );
end
$$;

-- Count the substantive contacts of a span of time that a message brought, each once: calls to one of the `dialled`
-- numbers, and contacts in which one of the `said` code words was said; and the cases that began with one of them.
create or replace function campaigns_count_brought(
    dialled text[], said text[], begins timestamptz, ends timestamptz
) returns integer[] language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if acting.role() is distinct from 'hotline/campaign_officer' then
        raise exception 'only a campaign officer counts contacts' using errcode = '42501';
    end if;
    return (
        select array[count(*)::int, count(*) filter (where exists (
            select from cases_casecontact mine where mine.contact_id = c.id and not exists (
                select from cases_casecontact other join contacts_contact o on o.id = other.contact_id
                where other.case_id = mine.case_id and (o.started, o.id) < (c.started, c.id)
            )
        ))::int]
        from contacts_contact c left join switchboard_call k on k.id = c.call_id
        where c.started >= begins and c.started < ends and campaigns_is_substantive(c)
            and (replace(k.line, ' ', '') = any (dialled) or c.heard_code = any (said))
    );
end
$$;

-- Count the substantive contacts of a span of time by how people heard of the line: for calls ("spoken") and for all
-- other channels ("written"). A question that nobody wrote an answer to counts as not asked.
create or replace function campaigns_count_sources(begins timestamptz, ends timestamptz) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if acting.role() is distinct from 'hotline/campaign_officer' then
        raise exception 'only a campaign officer counts contacts' using errcode = '42501';
    end if;
    return (
        select coalesce(jsonb_object_agg(mode, sources), '{}') from (
            select mode, jsonb_object_agg(heard, n) as sources from (
                select case when c.channel = 'call' then 'spoken' else 'written' end as mode,
                    coalesce(nullif(c.heard_of_us, ''), 'not_asked') as heard, count(*) as n
                from contacts_contact c
                where c.started >= begins and c.started < ends and campaigns_is_substantive(c)
                group by 1, 2
            ) each group by mode
        ) all_modes
    );
end
$$;

-- Where the bands above ten contacts begin (docs/decisions/0055).
create or replace function campaigns_limits_of_departments() returns integer[]
language sql immutable set search_path = pg_catalog, public, pg_temp as $$ select array[10, 20, 50, 100] $$;

create or replace function campaigns_limits_of_districts() returns integer[]
language sql immutable set search_path = pg_catalog, public, pg_temp as $$ select array[10, 50] $$;

-- Whether the districts of a department are left out: the district of fewer than 60 % of its contacts is known; or the
-- bands of those above ten, beside a published count of the department, would say that a hidden one has fewer than nine,
-- or that it has some. `bands`: of the districts above ten; the highest band has no end.
create or replace function campaigns_leaves_districts_out(
    contacts integer, in_districts integer, bands integer[], districts integer
) returns boolean language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select contacts >= 10 and (
        100 * in_districts < 60 * contacts
        or coalesce(count(band) < districts and (
            contacts - coalesce(sum(limits[band]), 0) < 9
            or coalesce(max(band), 0) < cardinality(limits)
                and 60 * contacts > 100 * (coalesce(sum(limits[band + 1] - 1), 0) + 9 * (districts - count(band) - 1))
        ), true)
    ) from campaigns_limits_of_districts() limits left join unnest(bands) band on true group by limits
$$;

-- Say in which band of numbers the substantive contacts of each department and each district are, in whole weeks that are
-- over: 0 below ten, 1 from the first limit on, and so on. No count of a place leaves the database, so spans that overlap
-- cannot be subtracted. `districts`: how many each department has.
-- `known`: contacts of which the place is known; `in_districts`: those of which the district is known, not only the
-- department or the province. `coarse`: departments whose districts are left out.
drop function if exists campaigns_bands_of_places(date, date, text);
create or replace function campaigns_bands_of_places(first date, after date, zone text, districts jsonb) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    begins timestamptz := first::timestamp at time zone zone;
    ends timestamptz := after::timestamp at time zone zone;
    found jsonb;
begin
    if acting.role() is distinct from 'hotline/campaign_officer' then
        raise exception 'only a campaign officer counts contacts' using errcode = '42501';
    end if;
    if extract(isodow from first) <> 1 or extract(isodow from after) <> 1 or ends > statement_timestamp() then
        raise exception 'places are counted in whole weeks that are over' using errcode = '22023';
    end if;
    with talked as (
        select nullif(left(c.ubigeo, 2), '') as department,
            case when length(c.ubigeo) = 6 and c.ubigeo not like '%00' then c.ubigeo end as district
        from contacts_contact c
        where c.started >= begins and c.started < ends and campaigns_is_substantive(c)
    ), above_ten as (
        select department, district, width_bucket(count(*)::int, campaigns_limits_of_districts()) as band
        from talked where district is not null group by department, district having count(*) >= 10
    ), departments as (
        select department, width_bucket(count(*)::int, campaigns_limits_of_departments()) as band,
            campaigns_leaves_districts_out(
                count(*)::int, count(district)::int,
                array(select a.band from above_ten a where a.department = t.department), (districts ->> department)::int
            ) as is_coarse
        from talked t where department is not null group by department
    )
    select jsonb_build_object(
        'contacts', count(*), 'known', count(department), 'in_districts', count(district),
        'departments', (select coalesce(jsonb_object_agg(department, band), '{}') from departments),
        'coarse', (select coalesce(jsonb_agg(department), '[]') from departments where is_coarse),
        'districts', (
            select coalesce(jsonb_object_agg(a.district, a.band), '{}')
            from above_ten a join departments using (department) where not is_coarse
        )
    ) into found from talked;
    return found;
end
$$;

-- Whether a contact says something: it is closed, and is neither silent, a prank, a test nor a wrong number. The same
-- contacts as in the published figures.
create or replace function campaigns_is_substantive(c contacts_contact) returns bool
language sql immutable set search_path = pg_catalog, public, pg_temp as $$
    select c.state = 'wrapped' and c.type not in ('silent', 'hang_up', 'wrong_number', 'test', 'prank')
        and c.channel <> 'outgoing'
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

-- Count the substantive contacts of a span of time by how people heard of the line: for calls ("spoken") and for all
-- other channels ("written"). A question that nobody wrote an answer to counts as not asked.
create or replace function campaigns_count_sources(begins timestamptz, ends timestamptz) returns jsonb
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if acting.role() is distinct from 'hotline/campaign_officer' then
        raise exception 'only a campaign officer counts contacts' using errcode = '42501';
    end if;
    return (
        select coalesce(jsonb_object_agg(way, sources), '{}') from (
            select way, jsonb_object_agg(heard, n) as sources from (
                select case when c.channel = 'call' then 'spoken' else 'written' end as way,
                    coalesce(nullif(c.heard_of_us, ''), 'not_asked') as heard, count(*) as n
                from contacts_contact c
                where c.started >= begins and c.started < ends and campaigns_is_substantive(c)
                group by 1, 2
            ) each group by way
        ) all_ways
    );
end
$$;

-- Count one quarter over all rooms, and return the id of the new snapshot. It runs with the rights of its owner, so the
-- row policies do not apply. It raises 42501 for anybody but a publisher, and 23514 until three days after the quarter.
-- `first` is the first day of the quarter, `zone` the time zone of its midnights.
create or replace function snapshot_take(first date, zone text, at timestamptz) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    begins timestamptz := first::timestamp at time zone zone;
    ends timestamptz := (first + interval '3 months') at time zone zone;
    counted jsonb;
    made bigint;
begin
    if acting.role() is distinct from 'hotline/publisher' then
        raise exception 'only a publisher counts' using errcode = '42501';
    end if;
    if ends + interval '3 days' > statement_timestamp() then
        raise exception 'a quarter is counted three days after its end' using errcode = '23514';
    end if;
    with talked as (
        select c.ubigeo, c.type, c.channel from contacts_contact c
        where c.started >= begins and c.started < ends and c.state = 'wrapped' and c.practice_of_id is null
            and c.type not in ('silent', 'hang_up', 'wrong_number', 'test', 'prank')
    ), cells (name, cell) as (
        select 'contacts_by_department', coalesce(nullif(left(ubigeo, 2), ''), 'not_said') from talked
        union all select 'contacts_by_type', type from talked
        union all select 'contacts_by_channel', channel from talked
        union all select 'reports_by_answer', case when exists (
            select from police_reports_reportevent s
            where s.report_id = r.id and s.kind = 'decided' and s.at <= r.sent_at + interval '72 hours'
        ) then 'in_time' else 'late' end
        from police_reports_report r where r.sent_at >= begins and r.sent_at < ends
            and not exists (select from police_reports_reportevent b where b.report_id = r.id and b.kind = 'called_back')
    ), counts as (
        select name, cell, count(*) as n from cells group by name, cell
    )
    select coalesce(jsonb_object_agg(name, per), '{}') into counted
    from (select name, jsonb_object_agg(cell, n) as per from counts group by name) as by_table;
    insert into snapshot_snapshot (first_day, counts, checksum, taken_at, taken_by_id)
    values (first, counted, encode(sha256(convert_to(counted::text, 'UTF8')), 'hex'), at, acting.user_id())
    returning id into made;
    return made;
end
$$;

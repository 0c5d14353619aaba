-- Sets the languages of a seat. Operators set their own; a supervisor sets anybody's, and can change no other column.
create or replace function roster_set_languages(seat int, spoken text[]) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update roster_seat set languages = spoken
    where user_id = seat and acting.role() in ('hotline/operator', 'hotline/supervisor')
        and (user_id = acting.user_id() or acting.role() = 'hotline/supervisor')
$$;

-- Counts the people who are planned to answer calls in each hour from `begins` on: the fewest at any moment of the hour.
-- It counts like cover.py, and names nobody, so a campaign officer may ask, who reads no shift. Closed accounts do not count.
create or replace function roster_people_by_hour(begins timestamptz, hours int) returns int[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if coalesce(acting.role(), '') not in ('hotline/operator', 'hotline/supervisor', 'hotline/campaign_officer') then
        raise exception 'only the hotline counts who is planned' using errcode = '42501';
    end if;
    if hours not between 1 and 24 * 62 then
        raise exception 'at most 62 days are counted' using errcode = '22023';
    end if;
    return (
        with shifts as (
            select s.* from roster_shift s
                join access_user u on u.id = s.user_id and u.is_active and u.role in ('operator', 'supervisor')
                join access_agency a on a.id = u.agency_id and a.kind = 'hotline'
            where s.cancelled_at is null
        ), spans as (
            select s.user_id, s.starts_at as a, s.ends_at as z from shifts s
            where (s.kind = 'line' or s.called_in_at is not null)
                and s.ends_at > begins and s.starts_at < begins + hours * interval '1 hour'
                and not coalesce((select by_certificate from roster_ringingrules), false)
            union all
            select s.user_id, greatest(s.starts_at, c.issued_at), least(s.ends_at, c.expires_at, c.revoked_at)
            from shifts s join roster_certificate c on c.user_id = s.user_id and c.queue = 'calls'
            where (s.kind = 'line' or s.called_in_at is not null)
                and s.ends_at > begins and s.starts_at < begins + hours * interval '1 hour'
                and (select by_certificate from roster_ringingrules)
        ), hour as (
            select i, begins + i * interval '1 hour' as a, begins + (i + 1) * interval '1 hour' as z
            from generate_series(0, hours - 1) as i
        ), moment as (
            select i, a as at from hour
            union
            select hour.i, edge from spans, lateral (values (spans.a), (spans.z)) as edges (edge)
                join hour on edge > hour.a and edge < hour.z
        ), counted as (
            select moment.i, count(distinct spans.user_id)::int as people from moment
            left join spans on spans.a <= moment.at and spans.z > moment.at group by moment.i, moment.at
        )
        select array_agg(fewest order by i) from (select i, min(people) as fewest from counted group by i) as each
    );
end
$$;

-- Gives an offered shift to the acting user, who works it from now on. False: it is offered no more, has begun, or is theirs.
create or replace function roster_take_shift(offer bigint, at timestamptz) returns bool
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    given bigint;
begin
    select s.id into given from roster_shiftoffer o join roster_shift s on s.id = o.shift_id
    where o.id = offer and o.taken_at is null and o.withdrawn_at is null and s.cancelled_at is null and s.starts_at > at
        and s.user_id = o.offered_by_id and s.user_id <> acting.user_id()
        and acting.role() in ('hotline/operator', 'hotline/supervisor')
    for update of o, s;
    if given is null then
        return false;
    end if;
    update roster_shift set user_id = acting.user_id() where id = given;
    delete from roster_overtime where shift_id = given; -- the taker exceeds no hours
    update roster_shiftoffer set taken_by_id = acting.user_id(), taken_at = at where id = offer;
    return true;
end
$$;

-- Withdraws the open offer of a shift whose hours a supervisor changes: nobody takes hours that they have not read.
create or replace function roster_withdraw_offer(shift bigint, at timestamptz) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update roster_shiftoffer set withdrawn_at = at, hours_changed = true
    where shift_id = shift and taken_at is null and withdrawn_at is null and acting.role() = 'hotline/supervisor'
$$;

-- A shift is offered by the person who is planned for it, and by nobody else.
drop policy if exists one_offers_ones_own_shift on roster_shiftoffer;
create policy one_offers_ones_own_shift on roster_shiftoffer as restrictive for insert with check (
    offered_by_id = (select acting.user_id()) and taken_at is null and withdrawn_at is null and not hours_changed
    and exists (select from roster_shift s where s.id = shift_id and s.user_id = offered_by_id));

-- Whether this person may take somebody who waits in this queue by hand. Without a certificate only while no certified
-- colleague's console is open: else nobody would answer (decision 0031). `here_since`: consoles seen since are open.
-- False for everybody of another institution: they learn nothing of certificates.
create or replace function roster_may_take(queue text, who bigint, at timestamptz, here_since timestamptz) returns bool
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
    with certified as (
        select c.user_id from roster_certificate c
        where c.queue = roster_may_take.queue and c.issued_at <= at and c.expires_at > at
            and (c.revoked_at is null or c.revoked_at > at)
    )
    select coalesce(acting.role(), 'hotline/operator') in ('hotline/operator', 'hotline/supervisor')
        and (not coalesce((select by_certificate from roster_ringingrules), false)
            or exists (select from certified where user_id = who)
            or not exists (select from certified join roster_seat s using (user_id) where s.state <> 'off' and s.seen_at > here_since))
$$;

-- A supervisor certifies others in their own name. A certificate by a course comes from training_certify alone.
drop policy if exists one_certifies_in_ones_own_name on roster_certificate;
create policy one_certifies_in_ones_own_name on roster_certificate as restrictive for insert with check (
    current_user <> current_database() || '_web' or issued_by_id = (select acting.user_id()) and revoked_at is null);

-- A certificate is revoked once, by tomorrow at the latest, and changed in nothing else.
drop policy if exists a_revoked_certificate_stays_revoked on roster_certificate;
create policy a_revoked_certificate_stays_revoked on roster_certificate as restrictive for update
    using (current_user <> current_database() || '_web' or revoked_at is null)
    with check (current_user <> current_database() || '_web' or revoked_at <= clock_timestamp() + interval '1 day');

-- Deletes the hand-over of a shift when its key is destroyed.
create or replace function roster_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from roster_shifthandover where key_id = new.id;
    return null;
end
$$;

-- Runs roster_forget when a key is destroyed.
create or replace trigger shift_hand_overs_are_forgotten after update of forgotten_at on vault_datakey
    for each row
    when (new.forgotten_at is not null)
    execute function roster_forget();

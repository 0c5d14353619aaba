-- Sets the languages of a seat. Operators set their own; a supervisor sets anybody's, and can change no other column.
create or replace function roster_set_languages(seat int, spoken text[]) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update roster_seat set languages = spoken
    where user_id = seat and acting.role() in ('hotline/operator', 'hotline/supervisor')
        and (user_id = acting.user_id() or acting.role() = 'hotline/supervisor')
$$;

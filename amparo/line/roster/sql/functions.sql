-- Sets the languages of a seat. Operators set their own; a supervisor sets anybody's, and can change no other column.
create or replace function roster_set_languages(seat int, spoken text[]) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    update roster_seat set languages = spoken
    where user_id = seat and acting.role() in ('hotline/operator', 'hotline/supervisor')
        and (user_id = acting.user_id() or acting.role() = 'hotline/supervisor')
$$;

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

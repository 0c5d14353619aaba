-- When a key is destroyed, delete the identity under it and clear the person's remarks. Columns used in figures stay.
create or replace function people_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from people_identity where key_id = new.id;
    update people_person set remarks = null where key_id = new.id;
    return null;
end
$$;

create or replace trigger people_are_forgotten after update of forgotten_at on vault_datakey
    for each row
    when (new.forgotten_at is not null)
    execute function people_forget();

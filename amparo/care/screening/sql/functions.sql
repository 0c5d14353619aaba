-- When a key is destroyed, clear the texts that it sealed. Columns used in figures stay.
create or replace function screening_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update screening_assessment set remark = null where key_id = new.id;
    update screening_recognition set document = null where key_id = new.id;
    delete from screening_quotation where key_id = new.id;
    return null;
end
$$;

create or replace trigger assessments_are_forgotten after update of forgotten_at on vault_datakey
    for each row
    when (new.forgotten_at is not null)
    execute function screening_forget();

-- The index that answers "which of my copies are live" has the expiry beside the key.
alter table vault_grant drop constraint vault_grant_pkey;
alter table vault_grant add constraint a_holder_has_one_copy_of_a_key
    primary key (key_id, holder) include (expires_at);

-- When a person at risk withdraws consent to the facts, end the access granted on a witness's consent to the same facts
-- for the same recipients.
create or replace function consent_end_witness_access() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from vault_grant g using consent_consent c join people_person witness on witness.id = c.person_id,
        people_person herself
    where g.basis = c.id and c.key_id = new.key_id and c.withdrawn_at is null
        and herself.id = new.person_id and witness.id <> herself.id and witness.part = 'caller'
        and witness.same_human_as_id is distinct from herself.id
        and herself.same_human_as_id is distinct from witness.id
        and 'incident_facts' = any (c.data) and 'incident_facts' = any (new.data) and c.recipients && new.recipients;
    return null;
end
$$;

-- Runs once, when a consent is withdrawn.
create or replace trigger witness_accounts_end_with_consent after update of withdrawn_at on consent_consent
    for each row
    when ((old.withdrawn_at is null) and (new.withdrawn_at is not null))
    execute function consent_end_witness_access();

-- A user records a basis only in their own name, and not yet reviewed.
drop policy if exists a_basis_is_written_in_ones_own_name on consent_disclosurebasis;
create policy a_basis_is_written_in_ones_own_name on consent_disclosurebasis as restrictive for insert
    with check (decided_by_id = (select acting.user_id()) and reviewed_at is null);

-- Only a hotline supervisor reviews a basis, and only in their own name.
drop policy if exists a_supervisor_reviews_in_their_own_name on consent_disclosurebasis;
create policy a_supervisor_reviews_in_their_own_name on consent_disclosurebasis as restrictive for update
    using (true) with check (reviewed_by_id = (select acting.user_id())
    and (select acting.role()) = 'hotline/supervisor');

-- The holder of a return code can only withdraw a consent that is not withdrawn yet.
drop policy if exists a_bearer_takes_back_what_stands on consent_consent;
create policy a_bearer_takes_back_what_stands on consent_consent as restrictive for update
    using (coalesce((select acting.role()), '') not like 'bearer/%' or withdrawn_at is null)
    with check (coalesce((select acting.role()), '') not like 'bearer/%' or withdrawn_at is not null);

-- A policy version is approved once and never changed afterwards.
drop policy if exists a_version_is_agreed_on_once on consent_policyversion;
create policy a_version_is_agreed_on_once on consent_policyversion as restrictive for update
    using (agreed_at is null) with check (agreed_at is not null);

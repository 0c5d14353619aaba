-- Publishers create drafts, and only in their own name.
drop policy if exists a_draft_is_in_ones_own_name on publishing_edition;
create policy a_draft_is_in_ones_own_name on publishing_edition as restrictive for insert
    with check (drafted_by_id = (select acting.user_id()) and published_at is null);

-- A draft is published once, by a user who signs it with their own name.
drop policy if exists an_edition_is_published_once_in_ones_own_name on publishing_edition;
create policy an_edition_is_published_once_in_ones_own_name on publishing_edition as restrictive for update
    using (published_at is null) with check (published_at is not null and published_by_id = (select acting.user_id()));

-- Only drafts can be deleted.
drop policy if exists what_is_published_stays on publishing_edition;
create policy what_is_published_stays on publishing_edition as restrictive for delete using (published_at is null);

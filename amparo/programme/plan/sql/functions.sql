-- Copy what is public into plan_plan.published_at and plan_plan.document, and blank both elsewhere. The version before
-- reads these columns; they are dropped one release later (docs/decisions/0081-two-people-show-a-plan.md).
create or replace function plan_copy_publication() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if acting.role() not in ('hotline/publisher', 'hotline/plan_coordinator', 'ministry/plan_coordinator') then
        raise exception 'only a publisher or a plan coordinator shows a plan' using errcode = '42501';
    end if;
    update plan_plan set published_at = null, document = null where published_at is not null and not exists (
        select from plan_publication it where it.plan_id = plan_plan.id and it.state = 'shown'
    );
    update plan_plan set published_at = it.shown_at, document = it.document
        from plan_publication it where it.plan_id = plan_plan.id and it.state = 'shown';
end
$$;

"""The task of a hold ends when they are in the house, and is due when the hold runs out, also where that is later."""

from django.db import migrations

KEEP_UP = """
-- It bears the id of its placement, so whoever settles that settles it too without reading the case. Declined, it stays:
-- she needs a bed still. Nor does it end where it is the last, for an open case is never without a next one.
create function shelters_keep_up(placement uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    it shelters_placement%rowtype;
    runs_out timestamptz;
begin
    select p.* into it from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found then
        raise exception 'only who holds a placement settles it' using errcode = '42501';
    end if;
    if it.state in ('requested', 'approved') then
        select max(upper(s.held)) into runs_out from shelters_stay s where s.placement_id = it.id;
        update cases_task t set due = runs_out where t.id = it.id and t.is_open and t.due < runs_out;
    elsif it.state in ('in_house', 'left', 'released') then
        update cases_task t set is_open = false, done_at = statement_timestamp(), done_by_id = acting.user_id(),
            was_done = it.state <> 'released'
        where t.id = it.id and t.is_open and exists (
            select from cases_task other where other.case_id = it.case_id and other.is_open and other.id <> t.id);
    else
        return;
    end if;
    if found then  -- and only then: who moves to another bed does not wait for the case
        update cases_case c set (next_task_id, next_due) = (
            select t.id, t.due from cases_task t where t.case_id = it.case_id and t.is_open order by t.due, t.id limit 1)
        where c.id = it.case_id and c.closed_at is null;
    end if;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("shelters", "0007_a_case_opened_again_plans_it_too")]
    operations = [migrations.RunSQL(KEEP_UP, "drop function shelters_keep_up")]

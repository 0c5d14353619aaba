from django.db import migrations

TOLD = """
create function referrals_tell_of_step() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_told(
        r.case_id, case new.kind when 'asked' then 'asked_back' else new.kind end, new.at, new.by_id, r.id::text,
        case new.kind when 'asked' then 'answer' end, new.at + interval '1 day')
    from referrals_report r where r.id = new.report_id;
    return null;
end $$;
create trigger steps_are_told_in_the_case after insert on referrals_step
    for each row when (new.kind in ('received', 'asked', 'decided', 'outcome')) execute function referrals_tell_of_step();

create function referrals_tell_of_turn() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_told(
        r.case_id, case new.kind when 'arrived' then 'got_there' else new.kind end, new.at, new.by_id, r.id::text,
        null, null)
    from referrals_referral r where r.id = new.referral_id;
    return null;
end $$;
create trigger turns_are_told_in_the_case after insert on referrals_turn
    for each row when (new.kind in ('accepted', 'declined', 'arrived', 'served')) execute function referrals_tell_of_turn();
"""
UNDO = """
drop trigger turns_are_told_in_the_case on referrals_turn;
drop trigger steps_are_told_in_the_case on referrals_step;
drop function referrals_tell_of_turn, referrals_tell_of_step;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0013_what_may_be_told"), ("cases", "0015_told_from_outside")]
    operations = [migrations.RunSQL(TOLD, UNDO)]

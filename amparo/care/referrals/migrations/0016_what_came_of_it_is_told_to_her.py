"""Where a unit says what she may be told, and where a service takes her or does not, somebody has to tell her."""

from django.db import migrations

TOLD = """
create or replace function referrals_tell_of_step() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_told(
        r.case_id, case new.kind when 'asked' then 'asked_back' else new.kind end, new.at, new.by_id, r.id::text,
        case when new.kind = 'asked' then 'answer' when new.may_tell is not null then 'tell' end,
        new.at + interval '1 day')
    from referrals_report r where r.id = new.report_id;
    return null;
end $$;

create or replace function referrals_tell_of_turn() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    perform cases_told(
        r.case_id, case new.kind when 'arrived' then 'got_there' else new.kind end, new.at, new.by_id, r.id::text,
        case when new.kind in ('accepted', 'declined') then 'tell' end, new.at + interval '1 day')
    from referrals_referral r where r.id = new.referral_id;
    return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0015_details_one_by_one"), ("cases", "0018_planned_from_outside")]
    operations = [migrations.RunSQL(TOLD, migrations.RunSQL.noop)]

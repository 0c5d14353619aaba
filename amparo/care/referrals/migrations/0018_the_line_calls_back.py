"""A unit ends no clock of its own: that a report is called back, the line alone says."""

from django.db import migrations

LINE = """
create function referrals_by_the_line() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    if current_user = current_database() || '_web'
            and coalesce(acting.role(), '') not in ('hotline/operator', 'hotline/supervisor', 'hotline/case_worker') then
        raise exception 'the line alone calls a report back' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger the_line_calls_back before insert on referrals_step for each row
    when (new.kind = 'called_back') execute function referrals_by_the_line();
"""
NOT_SO = """
drop trigger the_line_calls_back on referrals_step;
drop function referrals_by_the_line;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0017_a_report_is_called_back")]
    operations = [migrations.RunSQL(LINE, NOT_SO)]

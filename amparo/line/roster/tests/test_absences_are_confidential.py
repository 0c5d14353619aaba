"""Whether somebody cannot come, or works beyond the hours, is read by them and by supervisors.

To colleagues an absence looks like a shift that was cancelled or ended, also by SQL.
"""

import psycopg
import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.dates import monday_of
from amparo.line.roster.cover import local_hour
from amparo.line.roster.models import Exceeding
from amparo.line.roster.shift_rules import cancel_shift, plan_shift, record_absence
from tests.test_promises.access import as_process

from .week import NOW, at

pytestmark = pytest.mark.django_db(transaction=True)

CONFIDENTIAL = ("roster_absence", "roster_overtime")
SHIFTS = "select to_jsonb(s) - 'id' from roster_shift s where user_id = %s order by id"


def read(user, statement: str, *values: object) -> list:
    """What SQL in a page of this person reads."""
    with as_process("web", user.acting()) as link:
        return [row[0] for row in link.execute(statement, values).fetchall()]


@pytest.fixture
def ill(ana, marta) -> list:
    """Ana cannot come on Friday, had to leave today, and works ten hours on Saturday."""
    shifts = [plan_shift(ana, at(4, 6), at(4, 14), by=marta), plan_shift(ana, at(2, 8), at(2, 16), by=marta)]
    for shift in shifts:
        record_absence(shift, by=marta, now=NOW)
    return [*shifts, plan_shift(ana, at(5, 6), at(5, 16), exceeding=Exceeding.AGREED, by=marta)]


def test_colleagues_read_no_absence_and_no_overtime_by_sql(ill, ana, rufino, marta, ines):
    for table, rows in zip(CONFIDENTIAL, (2, 1), strict=True):
        count = f"select count(*) from {table}"
        assert [read(user, count)[0] for user in (rufino, ines, ana, marta)] == [0, 0, rows, rows], table


def test_no_colleague_writes_one_nor_the_person_themselves(ill, ana, rufino, marta):
    """The control: a supervisor does."""
    for user, written in ((ana, 0), (rufino, 0), (marta, 1)):
        for statement in (
            f"insert into roster_absence (shift_id, recorded_at) values ({ill[2].pk}, now())",
            f"delete from roster_overtime where shift_id = {ill[2].pk}",
        ):
            with as_process("web", user.acting()) as link:
                try:
                    assert link.execute(statement).rowcount == written
                except psycopg.errors.InsufficientPrivilege:
                    assert not written
                link.rollback()


def test_to_colleagues_an_absence_looks_like_a_shift_that_was_cancelled(ill, ana, rufino, marta):
    lucia = User.objects.create(username="lucia")
    cancelled = [plan_shift(lucia, at(4, 6), at(4, 14), by=marta), plan_shift(lucia, at(2, 8), at(2, 16), by=marta)]
    plan_shift(marta, at(4, 6), at(4, 14), by=marta)  # somebody holds the line instead
    plan_shift(marta, at(2, 8), at(2, 16), by=marta)
    for shift in cancelled:
        cancel_shift(shift, by=marta, now=NOW)
    absent, ended = ([{**row, "user_id": 0} for row in read(rufino, SHIFTS, user.pk)][:2] for user in (ana, lucia))
    assert absent == ended
    assert absent[0]["cancelled_at"]


def test_the_page_shows_it_to_the_person_and_to_supervisors(ana, rufino, marta):
    monday = monday_of(timezone.localdate()) + timezone.timedelta(days=14)
    start = local_hour(monday) + timezone.timedelta(hours=6)
    record_absence(plan_shift(ana, start, start + timezone.timedelta(hours=8), by=marta), by=marta, now=timezone.now())
    late = start + timezone.timedelta(days=2)
    plan_shift(ana, late, late + timezone.timedelta(hours=10), exceeding=Exceeding.AGREED, by=marta)
    for user, sees in ((ana, True), (marta, True), (rufino, False)):
        client = Client()
        client.force_login(user)
        page = client.get(f"/roster?day={monday}").content.decode()
        assert ("no puede venir" in page, "la persona lo aceptó</small>" in page) == (sees, sees), user

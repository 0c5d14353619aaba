"""Charts say what the rows say, to those who may open the rows; a publisher sees what is published and no more."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.charts import Chart
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import SUBSTANTIVE
from amparo.screens.home.charts import WEEKS, charts_of
from bench.access import OPERATORS, load

CONTACTS = 20_000  # one each three minutes
CLOCK = re.compile(r"\d\d:\d\d")


@pytest.fixture(autouse=True)
def counts_anew() -> None:
    """Tests number their people alike, and share the memory of one process."""
    caches["counts"].clear()


@pytest.fixture
def marta(transactional_db: None) -> User:
    """A supervisor of a line with many contacts."""
    with connection.cursor() as cursor:
        load(cursor, CONTACTS)
    return User.objects.get(pk=OPERATORS + 1)


def charts(user: User) -> list[Chart]:
    with acting_as(user.acting()):
        return charts_of(user, timezone.now())


def statements_of_charts(user: User) -> list[str]:
    with acting_as(user.acting()), CaptureQueriesContext(connection) as queries:
        charts_of(user, timezone.now())
    return [query["sql"] for query in queries]


def test_a_supervisor_sees_every_contact_once_in_each_chart(marta):
    weeks, hours, departments, steps = charts(marta)
    since = timezone.localtime() - timedelta(weeks=WEEKS)
    with acting_as(marta.acting()):
        counted = Contact.objects.filter(started__gte=since, state="wrapped", type__in=SUBSTANTIVE).count()
    assert len(weeks.bars) == WEEKS
    total = sum(bar.count for bar in weeks.bars)
    assert total == sum(cell.count for cell in hours.cells) == sum(bar.count for bar in departments.bars)
    assert 0 < total <= counted
    assert steps.bars[0].count == total
    assert [bar.count for bar in steps.bars[1:]] == [0, 0, 0, 0]


def test_what_was_counted_is_shown_for_an_hour_to_all_supervisors(marta):
    first = charts(marta)
    Contact.objects.filter(started__gte=timezone.now() - timedelta(weeks=1)).update(type="test")
    assert statements_of_charts(marta) == []
    colleague = User.objects.get(pk=OPERATORS + 2)
    for user in (marta, colleague):
        assert [chart.bars for chart in charts(user)] == [chart.bars for chart in first]
    assert [CLOCK.search(chart.note) is not None for chart in (first[0], charts(colleague)[0])] == [False, True]
    caches["counts"].clear()
    [anew, *_] = charts(colleague)
    assert 0 < sum(bar.count for bar in anew.bars) < sum(bar.count for bar in first[0].bars)


def test_what_one_person_alone_may_open_is_not_counted_for_colleagues(marta):
    [before, *_] = charts(marta)
    with connection.cursor() as cursor:
        cursor.execute("update vault_grant set holder = %s where holder = %s", [*marta.acting().holders])
    caches["counts"].clear()
    with acting_as(marta.acting()):
        assert Contact.objects.visible_to(marta).exists()
    assert sum(bar.count for bar in before.bars) > 0
    assert charts(marta) == []


def test_two_supervisors_who_come_together_let_the_line_be_counted_once(marta):
    def look(user: User) -> int:
        try:
            return len(statements_of_charts(user))
        finally:
            connection.close()

    both = [marta, User.objects.get(pk=OPERATORS + 2)]
    with ThreadPoolExecutor(2) as pool:
        fewer, more = sorted(pool.map(look, both))
    assert (fewer, more > 0) == (0, True)


def test_no_row_is_compared_as_a_whole_to_count_it(marta):
    statements = statements_of_charts(marta)
    assert len(statements) <= 5
    assert not any("DISTINCT" in sql or "situation" in sql for sql in statements)


def test_what_is_open_for_a_time_is_not_counted_for_an_hour(marta):
    with connection.cursor() as cursor:
        cursor.execute(
            "update vault_grant set expires_at = now() + interval '1 day' where made_at > now() - '1 week'::interval"
        )
    since = timezone.now() - timedelta(weeks=1)
    with acting_as(marta.acting()):
        assert Contact.objects.visible_to(marta).filter(started__gte=since).exists()
    [*_, newest] = charts(marta)[0].bars
    assert newest.count == 0


def test_the_highest_column_fills_the_drawing_and_no_bar_leaves_it(marta):
    for chart in charts(marta):
        assert max(bar.length for bar in chart.bars) + 150 <= chart.width or chart.shape != "rows"
        assert all(0 <= bar.top <= chart.height for bar in chart.bars) or chart.shape != "columns"
        assert max(cell.step for cell in chart.cells or ()) == 5 if chart.cells else True


def test_the_page_has_each_chart_with_its_table(marta):
    client = Client()
    client.force_login(marta)
    text = client.get("/home").content.decode()
    assert text.count('<svg class="chart') == text.count("<figure") == text.count("<details>") == 4


@pytest.mark.django_db
def test_a_quiet_line_is_counted_at_each_look():
    quiet = User.objects.create(username="marta", role=Role.SUPERVISOR)
    assert statements_of_charts(quiet)
    assert statements_of_charts(quiet)


def test_an_operator_sees_no_chart(marta):
    operator = User.objects.get(pk=1)
    assert operator.role == Role.OPERATOR
    assert charts(operator) == []


@pytest.mark.django_db
def test_before_the_first_contact_there_is_no_chart():
    assert charts(User.objects.create(username="marta", role=Role.SUPERVISOR)) == []
    assert charts(User.objects.create(username="paula", role=Role.PUBLISHER)) == []

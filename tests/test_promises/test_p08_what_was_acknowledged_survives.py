"""P8: an acknowledged batch of keystrokes survives kill -9 of anything. `python -m bench.kills` does it by hundreds."""

import time
from collections.abc import Callable

import pytest
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.switchboard.models import Call
from amparo.screens.supervision.measures import month_of
from amparo.screens.supervision.tests.test_the_month import of_month
from amparo.screens.supervision.tests.test_the_month import recount as recount_of_month
from amparo.screens.supervision.tests.test_the_wallboard import recount as recount_of_wallboard
from amparo.screens.supervision.tests.test_the_wallboard import shown
from bench import kills
from tests.hotline import Hotline, hotline
from tests.picture import calling
from tests.repetitions import repeat

KILLS = repeat(6, 200)


@pytest.fixture(scope="module")
def line():
    with hotline() as it:
        yield it


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
def test_no_acknowledged_keystroke_is_lost_when_processes_are_killed(line: Hotline):
    tally, killed = kills.rampage(line, kills=KILLS, seed=3)
    assert killed.total() == KILLS
    assert killed["postgres"]
    assert tally.saves > 20
    assert not kills.damage(line, tally)


def counted() -> tuple[list[object], list[object]]:
    """What wallboard and month show a supervisor, and the same recounted from the rows."""
    marta, now = User.objects.get(username="marta"), timezone.now()
    with acting_as(marta.acting()):
        first = timezone.localdate(now).replace(day=1)
        month = {value.measure.name: value.seconds for value in month_of(first, now).total}
    calls = of_month(list(Call.objects.all()), timezone.localdate(now))
    return [shown(marta, now), month], [recount_of_wallboard(now), recount_of_month(calls)]


def test_wallboard_and_month_equal_a_recount_after_the_switchboard_was_killed(line: Hotline):
    """Somebody waits in the queue when it is killed. Afterwards nothing shows a call that is over."""
    with calling(line, "condor"):
        until(lambda: line.do(counted)[0][0][0] == 1)
        line.kill("switchboard")
        line.wait_until_well()
    until(lambda: line.do(counted)[0][0][0] == 0)
    page, rows = line.do(counted)
    assert page == rows
    assert page[1]["offered"] > 0


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_lost_save_would_be_found(line: Hotline, monkeypatch):
    """The check itself: what was acknowledged is compared with what is there."""
    tally = kills.Tally(written={"never made": "w1 "}, wrapped=["never made"])
    assert kills.damage(line, tally).lost == 1


@pytest.mark.parametrize(
    "torn", [kills.Kept("w1 w2 ", 1, 2, is_wrapped=False), kills.Kept("w1 ", 1, 2, is_wrapped=False)]
)
def test_a_torn_save_would_be_found(torn: kills.Kept):
    assert torn.is_torn
    assert not kills.Kept("w1 w2 ", 2, 2, is_wrapped=False).is_torn

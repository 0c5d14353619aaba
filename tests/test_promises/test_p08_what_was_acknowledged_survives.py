"""P8: an acknowledged batch of keystrokes survives kill -9 of anything. `python -m bench.kills` does it by hundreds."""

import csv
import io
import time
import urllib.error
from collections.abc import Callable

import pytest
from django.utils import timezone

from amparo.line.switchboard.models import Call, Direction
from amparo.screens.supervision.definitions import MEASURES
from amparo.screens.supervision.tests import recounting
from amparo.screens.supervision.tests.test_the_month import of_month
from bench import kills
from tests.hotline import PATIENCE, Hotline, hotline
from tests.picture import calling
from tests.repetitions import repeat
from tests.staff import Staff

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


def recounted() -> tuple[list[str], list[str]]:
    """The five numbers of the wallboard and the totals of the month, counted again from the rows, as text."""

    def work() -> tuple[list[str], list[str]]:
        now = timezone.now()
        month = recounting.recount(of_month(list(Call.objects.all()), timezone.localdate(now)))
        values = [month[measure.name] for measure in MEASURES]
        return recounting.wallboard_texts(now)[:5], ["" if each is None else str(each) for each in values]

    return kills.again(work)


def offered_ever() -> int:
    """How many calls reached the queue, in any month: a run may begin in one and end in the next."""
    return kills.again(lambda: Call.objects.filter(direction=Direction.INCOMING, waiting_since__isnull=False).count())


def shown(marta: Staff) -> tuple[list[str], list[str]]:
    """The same as two pages say it to a supervisor."""
    board = recounting.numbers_of(marta.get("/wallboard/now"))
    _head, *month = csv.reader(io.StringIO(marta.get(f"/month.csv?month={timezone.localdate():%Y-%m}")))
    return board[:5], [value for *_labels, value, _unit, _definition in month[: len(MEASURES)]]


def equal(marta: Staff, line: Hotline) -> bool:
    """False while a web process still says that the database is away."""
    try:
        return shown(marta) == line.do(recounted)
    except urllib.error.HTTPError as away:
        if away.code != 503:
            raise
        return False


@pytest.mark.parametrize("victim", kills.VICTIMS)
def test_wallboard_and_month_equal_a_recount_after_a_process_was_killed(line: Hotline, victim: str):
    """Somebody waits in the queue when it is killed. Its successor shows who waits, and nobody who has gone."""
    marta = Staff(line, "marta")
    marta.sign_in()
    until(lambda: line.do(recounted)[0][0] == "0")
    offered = line.do(offered_ever)
    with calling(line, "condor"):
        until(lambda: line.do(recounted)[0][0] == "1")
        killed = line.processes()[victim]
        line.kill(victim)
        until(lambda: line.processes().get(victim, set()) - killed)
        line.wait_until_well()
        until(lambda: equal(marta, line))
    until(lambda: line.do(recounted)[0][0] == "0")
    until(lambda: equal(marta, line))
    assert line.do(offered_ever) == offered + 1


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
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

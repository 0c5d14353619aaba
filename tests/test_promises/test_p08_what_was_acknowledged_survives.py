"""P8: an acknowledged batch of keystrokes survives kill -9 of anything. `python -m bench.kills` does it by hundreds."""

import pytest

from bench import kills
from tests.hotline import Hotline, hotline
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

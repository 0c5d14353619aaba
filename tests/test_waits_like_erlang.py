"""Where the assumptions of Erlang A hold, the real queue and routing lose as many calls as the formula says."""

from dataclasses import dataclass

import pytest

from amparo.line.roster.erlang import erlang_a
from amparo.line.switchboard import distribution
from amparo.line.switchboard.seats import Seats
from tests.repetitions import repeat
from tests.simulated_line import SteadyLine, mean_and_error

CALLS = repeat(45_000, 400_000)
MOST = 0.01  # of a difference, and of three standard errors: so many calls are needed to see it
LINES = {  # calls an hour, seconds of handling and of patience, agents
    "a quiet national line": (12, 900, 120, 4),
    "a busy line": (60, 480, 180, 9),
}


@dataclass(frozen=True)
class Comparison:
    """Shares of the real routing beside those of the formula."""

    gave_up: float
    error: float  # standard error of `gave_up`
    expected: float
    wait: float  # seconds; of the answered calls, 95 of 100 wait at most so long by the formula
    within: float  # of the answered calls, those that did
    error_within: float

    def __str__(self) -> str:
        return (
            f"gave up {self.gave_up:.4f} (s.e. {self.error:.4f}), Erlang A {self.expected:.4f}; within the formula's "
            f"p95 of {self.wait:.1f} s: {self.within:.4f} (s.e. {self.error_within:.4f}), Erlang A 0.9500"
        )

    @property
    def holds(self) -> bool:
        return abs(self.gave_up - self.expected) <= MOST and abs(self.within - 0.95) <= MOST


async def compare(line: tuple[float, float, float, int], calls: int) -> Comparison:
    found = await SteadyLine(*line, seed=19).run(calls)
    gave_up, error = mean_and_error([float(caller.answered_at is None) for caller in found])
    wait = p95(line)
    answered = [float(caller.waited <= wait) for caller in found if caller.answered_at is not None]
    return Comparison(gave_up, error, erlang_a(*line, 0).gives_up, wait, *mean_and_error(answered))


def p95(line: tuple[float, float, float, int]) -> float:
    """The wait that 95 of 100 answered calls do not exceed, by Erlang A: by halving."""
    low, high = 0.0, 3600.0
    while high - low > 0.01:
        middle = (low + high) / 2
        service = erlang_a(*line, middle)
        low, high = (low, middle) if service.answered_in_time >= 0.95 * (1 - service.gives_up) else (middle, high)
    return high


@pytest.mark.soak
@pytest.mark.parametrize("name", LINES)
async def test_as_many_give_up_and_wait_as_erlang_a_says(name):
    found = await compare(LINES[name], CALLS)
    print(f"{name}, {CALLS} calls: {found}")
    assert found.holds, found
    assert 3 * max(found.error, found.error_within) <= MOST, "too few calls to say it"


def never_ring_for_the_first(monkeypatch):
    ready = Seats.ready_operators
    monkeypatch.setattr(
        Seats, "ready_operators", lambda self, now: [place for place in ready(self, now) if place.user != 1]
    )


def let_the_last_pass(monkeypatch):
    """As many give up, for patience has no memory, but some wait far longer."""
    monkeypatch.setattr(distribution, "queue_time", lambda ticket, since, in_surge: -since)


@pytest.mark.parametrize("mistake", [never_ring_for_the_first, let_the_last_pass])
async def test_the_control_a_mistake_of_the_routing_shows(monkeypatch, mistake):
    mistake(monkeypatch)
    assert not (await compare(LINES["a busy line"], 10_000)).holds

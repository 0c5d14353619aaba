"""Pages are served by several threads, which count the same codes: no count breaks, and none is lost."""

import itertools
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from amparo.screens.site.failed_codes import WITHIN, FailedCodes

THREADS, TRIES = 8, 3000
NETWORK = "192.0.2.0/32"


@pytest.fixture(autouse=True)
def threads_take_turns_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_count_at_once_break_nothing():
    ticks = itertools.count()
    guesses = FailedCodes(clock=lambda: next(ticks) * WITHIN / 20)  # so that each try forgets an older one

    def guess(thread: int) -> None:
        for number in range(TRIES):
            guesses.needed_work(NETWORK, f"{thread}-{number}", {})
            guesses.count_try(NETWORK, f"{thread}-{number}", is_wrong=True)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(guess, range(THREADS)))  # raises what a thread raised
    assert guesses._wrong._counts.total() == len(guesses._wrong) <= 20
    assert guesses._codes._counts.total() == len(guesses._codes) <= 20


def test_the_control_all_tries_within_the_window_are_counted():
    guesses = FailedCodes(clock=lambda: 0.0)

    def guess(thread: int) -> None:
        for number in range(TRIES):
            guesses.count_try(NETWORK, f"{thread}-{number}", is_wrong=True)

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(guess, range(THREADS)))
    assert len(guesses._wrong) == sum(guesses._wrong._counts.values()) == THREADS * TRIES

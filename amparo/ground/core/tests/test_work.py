import time

import pytest
from django.core import signing

from amparo.ground.core import work

EASY = 8  # bits


def done(challenge: str, bits: int) -> str:
    return next(str(n) for n in range(1 << (bits + 8)) if work.has_zeros(f"{challenge}.{n}", bits))


def test_work_that_was_done_has_the_name_of_its_riddle():
    riddle = work.challenge(EASY)
    name = work.name_of_done(riddle, done(riddle, EASY))
    assert name
    assert riddle.startswith(f"{EASY}.{name}:")


def test_two_riddles_are_never_the_same():
    assert work.challenge() != work.challenge()


def test_a_wrong_answer_is_not_work():
    riddle = work.challenge(EASY)
    wrong = next(str(n) for n in range(10_000) if not work.has_zeros(f"{riddle}.{n}", EASY))
    assert work.name_of_done(riddle, wrong) is None


@pytest.mark.parametrize("answer", ["", "-1", "1.0", "\u0661", "9" * 21, "x"])
def test_what_is_no_number_is_not_work(answer):
    assert work.name_of_done(work.challenge(0), answer) is None


def test_a_riddle_made_easier_is_none_of_ours():
    easier = work.challenge(EASY).replace(f"{EASY}.", "0.", 1)
    assert work.name_of_done(easier, "1") is None
    assert work.name_of_done(work.challenge(0), "1")  # the same, honest


def test_an_old_riddle_is_not_work(monkeypatch):
    riddle = work.challenge(0)
    later = time.time() + work.LIFETIME + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert work.name_of_done(riddle, "1") is None


def test_to_check_costs_next_to_nothing_and_to_search_does_not(capsys):
    riddle = work.challenge(14)
    started = time.process_time()
    answer = done(riddle, 14)
    searched = time.process_time() - started
    started = time.process_time()
    for _ in range(1000):
        assert work.name_of_done(riddle, answer)
    checked = (time.process_time() - started) / 1000
    started = time.process_time()
    for _ in range(10_000):
        work.has_zeros("18.0123456789abcdef:1abcde:signature.123456", 18)
    hashed = (time.process_time() - started) / 10_000
    with capsys.disabled():
        print(f"\nTo check a proof of work: {hashed * 1e6:.1f} us, with its signature {checked * 1e6:.0f} us")
    assert checked < 0.001
    assert searched > checked


def test_a_riddle_that_is_no_text_is_nobodys():
    assert work.name_of_done("\ud800:a:b", "1") is None

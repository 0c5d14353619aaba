import time

import pytest
from django.core import signing

from amparo.foundation.core import proof_of_work

EASY = 8  # bits


def done(challenge: str, bits: int) -> str:
    return next(str(n) for n in range(1 << (bits + 8)) if proof_of_work.has_leading_zeros(f"{challenge}.{n}", bits))


def test_solved_work_returns_the_id_of_its_challenge():
    riddle = proof_of_work.make_challenge(EASY)
    name = proof_of_work.solved_challenge(riddle, done(riddle, EASY))
    assert name
    assert riddle.startswith(f"{EASY}.{name}:")


def test_two_challenges_are_never_the_same():
    assert proof_of_work.make_challenge() != proof_of_work.make_challenge()


def test_a_wrong_answer_is_refused():
    riddle = proof_of_work.make_challenge(EASY)
    wrong = next(str(n) for n in range(10_000) if not proof_of_work.has_leading_zeros(f"{riddle}.{n}", EASY))
    assert proof_of_work.solved_challenge(riddle, wrong) is None


@pytest.mark.parametrize("answer", ["", "-1", "1.0", "\u0661", "9" * 21, "x"])
def test_an_answer_that_is_no_number_is_refused(answer):
    assert proof_of_work.solved_challenge(proof_of_work.make_challenge(0), answer) is None


def test_a_challenge_that_was_made_easier_is_refused():
    easier = proof_of_work.make_challenge(EASY).replace(f"{EASY}.", "0.", 1)
    assert proof_of_work.solved_challenge(easier, "1") is None
    assert proof_of_work.solved_challenge(proof_of_work.make_challenge(0), "1")  # an unchanged one


def test_an_old_challenge_is_refused(monkeypatch):
    riddle = proof_of_work.make_challenge(0)
    assert proof_of_work.solved_challenge(riddle, "1")  # the control: it is young
    later = time.time() + proof_of_work.LIFETIME + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert proof_of_work.solved_challenge(riddle, "1") is None


def test_to_check_costs_next_to_nothing_and_to_search_does_not(capsys):
    riddles = [proof_of_work.make_challenge(14) for _ in range(8)]  # one alone may be solved by luck at once
    started = time.process_time()
    answers = [done(riddle, 14) for riddle in riddles]
    searched = (time.process_time() - started) / len(riddles)
    riddle, answer = riddles[0], answers[0]
    started = time.process_time()
    for _ in range(1000):
        assert proof_of_work.solved_challenge(riddle, answer)
    checked = (time.process_time() - started) / 1000
    started = time.process_time()
    for _ in range(10_000):
        proof_of_work.has_leading_zeros("18.0123456789abcdef:1abcde:signature.123456", 18)
    hashed = (time.process_time() - started) / 10_000
    with capsys.disabled():
        print(f"\nTo check a proof of work: {hashed * 1e6:.1f} us, with its signature {checked * 1e6:.0f} us")
    assert checked < 0.001
    assert searched > checked


def test_a_challenge_that_is_no_text_is_refused():
    assert proof_of_work.solved_challenge("\ud800:a:b", "1") is None

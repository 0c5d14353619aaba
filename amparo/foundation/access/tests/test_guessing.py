"""An attacker guesses at full speed and from many addresses: attempts are counted, and timing reveals nothing."""

import time

import pytest
from django.test import Client

from tests.repetitions import repeat

from .entering import PASSWORD, by_password

GUESSES = repeat(60, 10_000)
ROUNDS = repeat(6, 50)
# Of the time of a try; an answer without a hash would take a tenth of it. The quickest of six differ by a quarter.
FLAT = repeat(0.6, 0.25)


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 2_000))
def test_guessed_codes_are_never_accepted(rosa):
    """From a new address each, so that only the count of the name stops them; the right one is among them."""
    answers = {302: 0, 400: 0, 429: 0}
    for n in range(GUESSES):
        word = PASSWORD if n % 10 == 9 else f"guess {n}"
        answers[by_password(Client(REMOTE_ADDR=f"198.51.{n // 250}.{n % 250}"), "rosa", word).status_code] += 1
    print(
        f"{GUESSES} guesses at one name: {answers[302]} hits, {answers[400]} checked, {answers[429]} not even looked at"
    )
    assert answers == {302: 0, 400: 5, 429: GUESSES - 5}


def test_control_without_earlier_guesses_the_password_is_accepted(rosa):
    """The control: without it the ninth guess would have been right."""
    assert by_password(Client(), "rosa").status_code == 302


@pytest.fixture
def spares_work() -> None:
    """Not here: the time is what is measured."""


@pytest.mark.soak
def test_response_times_do_not_reveal_which_users_exist(rosa, pilar):
    """The same work for an unknown name, a known one, and a person with passkeys only. It measures CPU time, which
    other programs on this machine do not lengthen.
    """
    pilar.set_unusable_password()
    pilar.save()
    times: dict[str, list[float]] = {"rosa": [], "pilar": [], "nobody": []}
    for n in range(ROUNDS):
        for name, taken in times.items():
            start = time.process_time()
            by_password(Client(REMOTE_ADDR=f"203.0.113.{n}"), f"{name}{n}" if name == "nobody" else name, "wrong")
            taken.append(time.process_time() - start)
            _forget_tries()
    quickest = {name: min(taken) for name, taken in times.items()}
    print({name: f"{seconds * 1000:.0f} ms" for name, seconds in quickest.items()})
    assert max(quickest.values()) - min(quickest.values()) < FLAT * quickest["rosa"]


def _forget_tries() -> None:
    from ..models import ThrottleEntry

    ThrottleEntry.objects.all().delete()

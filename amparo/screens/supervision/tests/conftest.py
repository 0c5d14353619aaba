import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.line.switchboard.models import Call, Direction, Ending, Language, State

ENDINGS = (Ending.GAVE_UP, Ending.MESSAGE, Ending.LOST, Ending.SILENCE)


@pytest.fixture
def now() -> datetime:
    """Noon of today, in the hotline's time zone: the calls around it are of the same day."""
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)


def seen_by[R](user: User, work: Callable[..., R], *args: object) -> R:
    """Call `work` with the rights of this user."""
    with acting_as(user.acting()):
        return work(*args)


def some_call(chance: random.Random, now: datetime, days: int = 40) -> Call:
    """A call of any direction, state and time around `now`."""
    arrived = now - timedelta(seconds=chance.uniform(-4 * 3600, days * 24 * 3600 if chance.random() < 0.5 else 3600))
    call = Call(arrived_at=arrived, language=chance.choice(Language.values), state=State.MENU)
    call.direction = Direction.OUTGOING if chance.random() < 0.1 else Direction.INCOMING
    if chance.random() < 0.1:  # hung up during the opening words
        call.state, call.ending, call.ended_at = State.ENDED, Ending.GAVE_UP, arrived + timedelta(seconds=5)
        return call
    call.waiting_since, call.state = arrived + timedelta(seconds=8), State.WAITING
    fate = chance.random()
    if fate < 0.5:
        wait = chance.choice([0.5, 19.9, 20.0, 20.1, chance.uniform(0, 300)])
        call.answered_at, call.state = call.waiting_since + timedelta(seconds=wait), State.TALKING
        if chance.random() < 0.7:
            call.ended_at = call.answered_at + timedelta(seconds=chance.uniform(1, 2000))
            call.state, call.ending = State.ENDED, Ending.CALLER
    elif fate < 0.9:
        call.ended_at = call.waiting_since + timedelta(seconds=chance.uniform(1, 300))
        call.state, call.ending = State.ENDED, chance.choice(ENDINGS)
    return call


@pytest.fixture
def many_calls(db, now) -> list[Call]:
    chance = random.Random(7)
    return Call.objects.bulk_create([some_call(chance, now) for _ in range(400)])

"""P12, of those who write: a flood without work delays nobody who brings it; one network stands behind all others."""

import asyncio
import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.foundation.access.spoken_codes import new_code
from amparo.foundation.core.refusal import RateLimited
from amparo.line.chat import rules
from amparo.line.chat.models import Chat
from amparo.line.chat.receipts import acting_with
from amparo.line.switchboard.fair_queue import SLOT
from amparo.line.switchboard.models import Language
from amparo.line.switchboard.visitors import ABSURD, CROWD, Visitors

pytestmark = pytest.mark.django_db
MANY = 120
START = timezone.now()


def begin(at: datetime, *, work: str | None = None, behind: float = 0.0) -> Chat:
    acting = acting_with(new_code())
    return rules.begin_chat(
        acting, "invented", pk=uuid.uuid4(), language=Language.SPANISH, behind=behind, work=work, now=at
    )


def before(chat: Chat) -> int:
    return list(Chat.objects.waiting_in_order()).index(chat)


def test_a_flood_without_work_delays_nobody_who_brings_it():
    for second in range(MANY):
        begin(START + timedelta(seconds=second))
    person = begin(START + timedelta(seconds=MANY), work="a" * 16)
    assert before(person) == 0
    assert list(Chat.objects.order_by("begun_at")).index(person) == MANY  # the control: by arrival she were the last


def test_one_work_brought_again_and_again_serves_once():
    for second in range(MANY):
        begin(START + timedelta(seconds=second), work="b" * 16)
    assert before(begin(START + timedelta(seconds=MANY), work="a" * 16)) == 1


def test_nobody_waits_for_ever_who_brings_none():
    without = begin(START)
    for minute in range(6):
        begin(START + timedelta(minutes=minute, seconds=1), work=f"{minute:016}")
    assert before(without) == 5  # who comes five minutes after her comes after her


def test_one_network_stands_behind_all_others_and_is_not_refused():
    async def places() -> list[float]:
        visitors = Visitors(None, None)
        flood = [await visitors.queue_delay_of_chat("192.0.2.7/32") for _ in range(ABSURD)]
        return [place["behind"] for place in (*flood, await visitors.queue_delay_of_chat("192.0.2.8/32"))]

    *flood, other = asyncio.run(places())
    assert (flood[:3], flood[-1], other) == ([0, SLOT, 2 * SLOT], (ABSURD - 1) * SLOT, 0)


def test_an_absurd_rate_is_asked_to_wait_and_a_crowd_to_work_longer():
    async def absurd() -> list[bool]:
        visitors = Visitors(None, None)
        crowds = []
        for _ in range(ABSURD):
            await visitors.queue_delay_of_chat("192.0.2.7/32")
            crowds.append(visitors.is_crowded)
        with pytest.raises(RateLimited):
            await visitors.queue_delay_of_chat("192.0.2.7/32")
        return crowds

    assert asyncio.run(absurd()).index(True) == CROWD

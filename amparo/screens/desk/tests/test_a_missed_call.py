"""A call that an operator did not get into: she reads what happened and answers with one press."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.line.roster.models import Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.switchboard.models import CallEvent, State

from ..console import console_of
from ..queue import is_somebody_free
from . import scenes

NOT_IN, GONE = "No alcanzó a entrar: la persona volvió a la cola.", "Su sonido se perdió por un minuto"
Kind = CallEvent.Kind


def missed(user, *kinds: str, apart: timedelta = timedelta(seconds=30), **what):
    """A waiting call with these events of `user`, each so long after the one before."""
    call = scenes.call(**what)
    start = timezone.now() - len(kinds) * apart
    for number, kind in enumerate(kinds):
        CallEvent.objects.create(call=call, kind=kind, user=user, at=start + number * apart)
    return call


def part(console, name: str) -> str:
    return re.sub(r"\s+", " ", console.get(f"/console/{name}").content.decode())


@pytest.mark.parametrize(
    ("kinds", "state", "words"),
    [
        ((Kind.RINGING, Kind.MISSED), SeatState.READY, NOT_IN),
        ((Kind.RINGING, Kind.ANSWERED, Kind.REQUEUED), SeatState.BUSY, NOT_IN),
        ((Kind.RINGING, Kind.REQUEUED), SeatState.BUSY, NOT_IN),  # their desk phone did not answer
    ],
)
def test_who_missed_a_ring_answers_it_with_one_press(ana, console, kinds, state, words):
    call = missed(ana, *kinds)
    Seat.objects.filter(pk=ana.pk).update(state=state)
    page = part(console, "main")
    assert words in page
    assert "Su última conversación terminó" not in page
    first = re.search(r'<button[^>]*data-key="first"[^>]*>', page)[0]
    assert f'formaction="/calls/{call.pk}/answer"' in first
    assert f'data-since="{call.waiting_since.isoformat()}"' in page


def test_who_had_talked_reads_that_the_sound_was_lost(ana, console):
    missed(ana, Kind.ANSWERED, Kind.REQUEUED, apart=timedelta(minutes=8))
    Seat.objects.filter(pk=ana.pk).update(state=SeatState.BUSY)
    page = part(console, "main")
    assert GONE in page
    assert NOT_IN not in page


@pytest.mark.parametrize(
    "what",
    [
        {"kinds": (Kind.RINGING,)},  # passed on by choice
        {"kinds": (Kind.RINGING, Kind.MISSED), "state": State.TALKING},  # a colleague has answered
        {"kinds": (Kind.RINGING, Kind.MISSED), "state": State.ENDED},
        {"kinds": (Kind.RINGING, Kind.REQUEUED, Kind.LEFT)},
    ],
)
def test_nothing_is_said_of_a_call_that_was_not_missed_or_waits_no_more(ana, rufino, what):
    missed(ana, *what.pop("kinds"), **what)
    assert console_of(ana, timezone.now()).missed is None
    missed(ana, Kind.RINGING, Kind.MISSED)
    assert console_of(ana, timezone.now()).missed is not None
    assert console_of(rufino, timezone.now()).missed is None


def test_who_went_off_shift_is_not_asked_back(ana):
    missed(ana, Kind.RINGING, Kind.MISSED)
    Seat.objects.filter(pk=ana.pk).update(state=SeatState.OFF)
    assert console_of(ana, timezone.now()).missed is None


def test_it_says_whether_somebody_else_is_free(ana, rufino, console):
    call = missed(ana, Kind.RINGING, Kind.MISSED)
    assert is_somebody_free(timezone.now(), besides=ana)
    assert "Nadie más está libre" not in part(console, "main")
    scenes.call(state=State.TALKING, operators=[rufino.pk])
    assert not is_somebody_free(timezone.now(), besides=ana)
    assert is_somebody_free(timezone.now())  # Ana herself
    assert "Nadie más está libre" in part(console, "main")
    call.ringing_for = rufino
    call.save()
    assert "Nadie más está libre" not in part(console, "main")


def test_a_wait_is_late_after_two_minutes(ana, console):
    call = scenes.call()
    late = (call.waiting_since + timedelta(minutes=2)).isoformat()
    queue = part(console, "queue")
    assert queue.count(f'data-late-from="{late}"') == 2  # the row, and the head of the queue
    assert "data-sounds-late" in queue
    scenes.call(state=State.TALKING, operators=[ana.pk])
    assert "data-sounds-late" not in part(console, "queue")  # she must hear her caller


def test_who_writes_has_waited_long_after_four_minutes_and_makes_no_sound(ana, console):
    chat = scenes.begin_chat()
    late = f'data-late-from="{(chat.begun_at + timedelta(minutes=4)).isoformat()}"'
    queue = part(console, "queue")
    assert (queue.count(late), "data-sounds-late" in queue) == (1, False)
    type(chat).objects.update(practice_of=ana)
    assert late not in part(console, "queue"), "an invented person is in no hurry"

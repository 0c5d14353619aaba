"""Who closes the console, or signs in anew, is not available until they say so again."""

from datetime import UTC, datetime, timedelta

import pytest

from amparo.foundation.core.live import collect_notifications
from amparo.line.roster.models import GONE_AFTER, Seat, State
from amparo.line.roster.rules import mark_seen, open_console, take_seat

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)  # for who leaves and who comes back, so that a slow machine changes nothing
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def at_the_desk(user, state: State, *, unseen_for: timedelta) -> None:
    """Somebody has been in this state for an hour, and their last console closed so long ago."""
    take_seat(by=user, now=NOW)
    Seat.objects.filter(pk=user.pk).update(state=state, since=NOW - HOUR, seen_at=NOW - unseen_for)


def come_back(user, *, signed_in_ago: timedelta = 2 * HOUR, served_for: timedelta = DAY) -> Seat:
    open_console(user.pk, signed_in_at=NOW - signed_in_ago, served_since=NOW - served_for, now=NOW)
    seat = Seat.objects.get(pk=user.pk)
    assert seat.seen_at == NOW
    return seat


@pytest.mark.parametrize("state", [State.READY, State.BREAK])
def test_a_console_closed_for_a_minute_ends_availability(ana, state):
    at_the_desk(ana, state, unseen_for=GONE_AFTER + SECOND)
    assert Seat.objects.get(pk=ana.pk).is_abandoned(NOW)
    with collect_notifications() as notes:
        seat = come_back(ana)
    assert (seat.state, notes) == (State.OFF, ["seats"])
    assert seat.since == NOW  # not "for 32 hours"


@pytest.mark.parametrize("unseen_for", [timedelta(), timedelta(seconds=5), GONE_AFTER - 2 * SECOND])
def test_a_reload_and_a_lapse_of_the_network_change_nothing(ana, unseen_for):
    at_the_desk(ana, State.READY, unseen_for=unseen_for)
    assert not Seat.objects.get(pk=ana.pk).is_abandoned(NOW)
    assert come_back(ana).state == State.READY


@pytest.mark.parametrize("unseen_for", [SECOND, DAY])
def test_a_call_and_its_wrap_up_are_not_left(ana, unseen_for):
    at_the_desk(ana, State.BUSY, unseen_for=unseen_for)
    assert not Seat.objects.get(pk=ana.pk).is_abandoned(NOW)
    assert come_back(ana, signed_in_ago=SECOND).state == State.BUSY


def test_who_signs_in_starts_off_duty(ana):
    at_the_desk(ana, State.READY, unseen_for=SECOND)
    assert come_back(ana, signed_in_ago=HOUR + SECOND).state == State.READY  # signed in before she said it
    assert come_back(ana, signed_in_ago=SECOND).state == State.OFF
    assert not Seat.objects.on_shift(NOW).exists()


def test_our_own_outage_takes_nobody_off_duty(ana):
    """The web was away for an hour; consoles that stayed open come back when it does."""
    at_the_desk(ana, State.READY, unseen_for=HOUR)
    assert come_back(ana, served_for=SECOND).state == State.READY
    at_the_desk(ana, State.READY, unseen_for=HOUR)
    assert come_back(ana, served_for=GONE_AFTER + SECOND).state == State.OFF


def test_a_beat_that_comes_late_changes_nothing(ana):
    """The console was open all the time, and only the database was slow."""
    at_the_desk(ana, State.READY, unseen_for=HOUR)
    mark_seen(ana.pk, NOW)
    assert Seat.objects.get(pk=ana.pk).state == State.READY

"""The page of a case shows whether the member in charge is away."""

from datetime import timedelta

import pytest

from amparo.care.cases.team import hand_over
from amparo.line.roster.models import SEEN_WITHIN, Seat, State
from amparo.line.roster.rules import mark_seen, take_seat
from tests.test_promises.access import as_process

AWAY = "not on shift"


@pytest.fixture
def shown(team, client):
    """The text of the page, as the reader sees it."""

    def shown(reader, language="en") -> str:
        client.force_login(reader)
        return client.get(f"/cases/{team.pk}?language={language}").content.decode()

    return shown


@pytest.fixture
def seat(ana, now) -> Seat:
    """Ana, the member in charge, is ready and her console is open."""
    take_seat(by=ana, now=now)
    Seat.objects.update(state=State.READY)
    mark_seen(ana.pk, now)
    return Seat.objects.get()


def test_on_shift_nothing_is_said(shown, seat, ines):
    assert AWAY not in shown(ines)


@pytest.mark.parametrize("gone", [{"state": State.OFF}, {"seen_at": None}])
def test_who_left_or_closed_the_console_is_away(shown, seat, ines, gone):
    Seat.objects.update(**gone)
    assert shown(ines).count(AWAY) == 2  # at the head, and among who works on it
    assert shown(ines, "es").count("no está de turno") == 2


def test_not_seen_for_too_long_is_away(shown, seat, ines, now):
    mark_seen(seat.pk, now - SEEN_WITHIN - timedelta(seconds=1))
    assert AWAY in shown(ines)


def test_nothing_is_said_of_oneself_of_nobody_and_of_who_has_no_seat(shown, seat, team, ana, ines, now):
    Seat.objects.update(state=State.OFF)
    assert AWAY not in shown(ana)
    hand_over(team, where_it_stands="invented", by=ana, now=now)
    assert AWAY not in shown(ines)
    Seat.objects.all().delete()
    assert AWAY not in shown(ines)


@pytest.mark.django_db(transaction=True)
def test_a_case_worker_may_know_it_and_changes_no_seat(seat, ines, outsider):
    """In the database, with the query of the page."""
    with as_process("web", ines.acting()) as link:
        assert link.execute("select state from roster_seat").fetchall() == [(State.READY,)]
        assert link.execute("update roster_seat set state = 'off'").rowcount == 0
    with as_process("web", outsider.acting()) as link:
        assert link.execute("select state from roster_seat").fetchall() == []

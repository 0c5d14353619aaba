"""A calendar program fetches one's own shifts at a secret address, until it is withdrawn or the account is closed."""

import io
import logging
import re
from datetime import timedelta
from functools import partial

import icalendar
import pytest
from django.test import Client
from django.utils import timezone

from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.rate_limit import SlidingWindow
from amparo.line.roster import calendar_views
from amparo.line.roster.calendar_rules import make_feed, owner_of_feed
from amparo.line.roster.cover import local_hour
from amparo.line.roster.models import CalendarFeed
from amparo.line.roster.shift_rules import cancel_shift, plan_shift
from tests.in_that_moment import second_while


@pytest.fixture(autouse=True)
def nobody_has_asked_yet(monkeypatch):
    monkeypatch.setattr(calendar_views, "_recent", SlidingWindow(calendar_views.HOUR))


def make(user: User) -> str:
    """Press the button, and return the path of the address that is shown."""
    client = Client()
    client.force_login(user)
    page = client.post("/roster/calendar/make").content.decode()
    (path,) = re.findall(r"http://testserver(/calendar/[^<]+)", page)
    return path


def program() -> Client:
    """A calendar program: without a session, and no browser."""
    return Client(headers={"Sec-Fetch-Mode": "cors"})


def shifts_at(path: str) -> list[tuple[object, object]]:
    answer = program().get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar")
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    return [(event.decoded("dtstart"), event.decoded("dtend")) for event in events]


@pytest.fixture
def shift(ana, rufino, marta):
    tomorrow = local_hour(timezone.localdate() + timedelta(days=1))
    plan_shift(rufino, tomorrow, tomorrow + timedelta(hours=8), by=marta)
    return plan_shift(ana, tomorrow, tomorrow + timedelta(hours=8), by=marta)


def test_it_gives_ones_own_shifts_as_they_are_now(shift, ana, rufino, marta):
    path = make(ana)
    assert shifts_at(path) == [(shift.starts_at, shift.ends_at)]
    cancel_shift(shift, by=marta, now=timezone.now())
    later = plan_shift(ana, shift.ends_at, shift.ends_at + timedelta(hours=6), by=marta)
    assert shifts_at(path) == [(later.starts_at, later.ends_at)]


def test_neither_address_nor_calendar_names_anybody(shift, ana):
    path = make(ana)
    content = program().get(path).content
    assert len(re.findall(rb"BEGIN:VEVENT", content)) == 1
    for word in (b"ana", b"amparo", b"hotline", b"trata"):
        assert word not in content.lower().replace(b"//amparo//", b"").replace(b"@amparo.invalid", b"")
    assert "ana" not in path.removesuffix(".ics").split("_")[0].lower()


def test_a_withdrawn_address_opens_nothing(shift, ana, marta):
    path, of_marta = make(ana), make(marta)
    client = Client()
    client.force_login(ana)
    assert client.post("/roster/calendar/withdraw").status_code == 302
    assert client.post("/roster/calendar/withdraw").status_code == 302
    assert program().get(path).status_code == 404
    assert program().get(path).content == program().get("/calendar/never-made.ics").content
    assert program().get(of_marta).status_code == 200, "control: it was not the colleague's"


def test_a_new_address_ends_the_one_before(shift, ana):
    old, new = make(ana), make(ana)
    assert program().get(old).status_code == 404
    assert len(shifts_at(new)) == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.AUDITOR}])
def test_a_closed_account_or_another_role_ends_it(shift, ana, change):
    path = make(ana)
    assert program().get(path).status_code == 200
    User.objects.filter(pk=ana.pk).update(**change)
    assert program().get(path).status_code == 404


def test_the_secret_is_shown_once_and_stored_nowhere(shift, ana):
    path = make(ana)
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    assert secret.encode() not in bytes(CalendarFeed.objects.get().digest)
    client = Client()
    client.force_login(ana)
    page = client.get("/roster").content.decode()
    assert secret not in page
    assert "Todavía no se ha consultado." in page
    program().get(path)
    assert "Se consultó por última vez" in client.get("/roster").content.decode()
    assert secret not in " ".join(f"{entry.what} {entry.about} {entry.fields}" for entry in Entry.objects.all())
    assert {"make_feed"} <= {entry.what for entry in Entry.objects.all()}


def test_no_log_has_the_address(shift, ana, monkeypatch):
    """Whether it opens a calendar or not: what the process prints is what its filters let through (settings.py)."""
    (handler,) = (each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler)
    printed = io.StringIO()
    monkeypatch.setattr(handler, "stream", printed)
    path = make(ana)
    program().get(path)
    CalendarFeed.objects.all().delete()
    program().get(path)
    program().post(path)
    logging.getLogger("django.request").error("control: this line is printed", extra={"status_code": 500})
    assert "control: this line is printed" in printed.getvalue()
    assert path not in printed.getvalue()


def test_who_asks_without_end_is_refused_and_others_are_not(shift, ana, marta, monkeypatch):
    monkeypatch.setattr(calendar_views, "AT_MOST", 3)
    monkeypatch.setattr(calendar_views, "UNKNOWN_AT_MOST", 2)
    path = make(ana)
    assert [program().get(path).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert program().get(path).headers["Retry-After"] == "3600"
    assert [program().get(f"/calendar/{n}.ics").status_code for n in range(3)] == [404, 404, 429]
    assert program().get(make(marta)).status_code == 200


def test_a_calendar_program_changes_nothing(shift, ana):
    path = make(ana)
    assert program().head(path).status_code == 200
    assert program().post(path).status_code == 405
    assert len(shifts_at(path)) == 1


def test_the_database_shows_a_row_to_its_person_alone(shift, ana, rufino):
    make_feed(by=ana, now=timezone.now())
    with acting_as(rufino.acting()):
        assert not CalendarFeed.objects.exists()
        assert CalendarFeed.objects.all().delete()[0] == 0
    with acting_as(ana.acting()):
        assert CalendarFeed.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_the_later_address_opens(ana):
    addresses = []
    second = partial(make_feed, by=ana, now=timezone.now())
    (later,) = second_while(lambda: addresses.append(make_feed(by=ana, now=timezone.now())), second)
    assert [owner_of_feed(secret) for secret in (*addresses, later)] == [None, ana]

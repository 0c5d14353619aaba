"""The administrators' page: whom a notice would reach, what was sent, and a test; and what the home says of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from .. import ladder, sending
from ..models import Notice, Route
from .conftest import MAILBOX, MOBILE
from .test_the_ladder import waits

pytestmark = pytest.mark.django_db
PAGE = "/installation/notices?language=en"


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def row_of(page: str, title: str) -> str:
    return page.partition(title)[2].partition("</tr>")[0]


def test_it_says_whom_danger_reaches_and_nobody_in_words(reach, marta, stranger):
    client = browser(stranger)
    assert "Nobody at all would be notified." in row_of(client.get(PAGE).content.decode(), "Danger that nobody took")
    now = timezone.now()
    reach(marta, Route.SMS, now=now)
    page = client.get(PAGE).content.decode()
    row = row_of(page, "Danger that nobody took")
    assert str(marta) in row
    assert "nobody" in row  # on shift
    assert "Nobody at all" not in row
    assert "Nobody would be notified of danger at these hours" not in page
    assert MOBILE not in page


def test_at_night_what_can_wait_reaches_nobody_and_danger_does(reach, marta, stranger):
    reach(marta, now=timezone.now())
    page = browser(stranger).get(f"{PAGE}&hour=3").content.decode()
    assert str(marta) not in row_of(page, "A service has not answered")
    assert str(marta) in row_of(page, "Danger that nobody took")
    for bad in ("99", "x", "²", "-1"):
        assert browser(stranger).get(PAGE, {"hour": bad}).status_code == 200


def test_the_last_notices_stand_there_with_their_answers(reach, marta, stranger):
    now = timezone.now()
    reach(marta, now=now)
    waits("danger", now)
    ladder.notify_people(now)
    client = browser(stranger)
    assert "nobody has opened it" in client.get(PAGE).content.decode()
    [event] = Notice.objects.get().events.all()
    browser(marta).post("/me/notices/open", {"event": event.pk})
    page = client.get(PAGE).content.decode()
    assert "opened at" in page
    assert MAILBOX.format("marta") not in page


def test_a_test_goes_to_ones_own_address_once_a_minute(reach, relay, stranger, marta):
    client = browser(stranger)
    assert client.post("/installation/notices/test?language=en").status_code == 422
    reach(stranger, now=timezone.now())
    assert client.post("/installation/notices/test").status_code == 302
    assert client.post("/installation/notices/test").status_code == 422
    sending.send_pending(timezone.now())
    assert relay.handler.recipients == [MAILBOX.format("stranger")]
    assert browser(marta).post("/installation/notices/test").status_code == 404
    assert "needs no answer" in client.get(PAGE).content.decode()


def test_home_says_that_something_waits_and_opening_ends_it(reach, marta):
    now = timezone.now()
    reach(marta, now=now)
    waits("danger", now)
    ladder.notify_people(now)
    client = browser(marta)
    words = "1 thing waits of which you were notified."
    assert words in client.get("/home?language=en").content.decode()
    [event] = Notice.objects.get().events.all()
    assert client.post("/me/notices/open", {"event": [event.pk, "no id"]}).status_code == 302
    assert words not in client.get("/home?language=en").content.decode()
    page = client.get("/me/notices?language=en").content.decode()
    assert "Danger that nobody took" in page


def test_pages_ask_at_most_twenty_statements(reach, marta, stranger, django_assert_max_num_queries):
    now = timezone.now()
    reach(stranger, now=now)
    for number in range(4):
        waits("danger", now, *map(str, range(10 * number + 1)))
        ladder.notify_people(now)
        Notice.objects.update(state="sent", sent_at=now - timedelta(minutes=6))
    assert Notice.objects.count() > 2
    client = browser(stranger)
    for page in (PAGE, "/me/notices"):
        client.get(page)
        with django_assert_max_num_queries(20):
            assert client.get(page).status_code == 200

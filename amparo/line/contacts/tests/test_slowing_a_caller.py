"""A supervisor places the next calls of a caller who misuses the line behind others, on the contact's page."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.slow_callers import slow_caller
from amparo.line.switchboard import control
from amparo.line.switchboard.distribution import Distribution
from amparo.line.switchboard.models import Call
from amparo.line.switchboard.seats import Seats

PSEUDONYM = b"p" * 16  # of the call in conftest.py
BUTTON, UNTIL = "Place their next calls behind others", "their calls wait behind others."


@pytest.fixture
def distribution(settings, tmp_path) -> Iterator[Distribution]:
    """The switchboard's own queue, which the web asks over the real socket."""
    (tmp_path / "run" / "switchboard").mkdir(parents=True)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    ready, loop, line = threading.Event(), asyncio.new_event_loop(), Distribution(list, Seats())

    async def listen() -> None:
        verbs = {"slow": line.slow, "slowed_until": line.slowed_until}
        await control.serve(settings.ENVIRONMENT.control_socket, verbs)
        ready.set()

    def run() -> None:
        loop.run_until_complete(listen())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield line
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@pytest.fixture
def supervisor(marta, contact) -> Client:
    client = Client()
    client.force_login(marta)
    client.post(f"/contacts/{contact.pk}/open", {"purpose": "complaint"})
    return client


def is_slowed(distribution: Distribution, now) -> bool:
    return distribution.queue.slowed_until(PSEUDONYM, now.timestamp() + 1) is not None


def test_with_one_press_and_back_with_another(distribution, supervisor, contact, marta, now):
    address = f"/contacts/{contact.pk}"
    assert BUTTON in supervisor.get(f"{address}?language=en").content.decode()
    shown = supervisor.post(f"{address}/slow", {"on": "1"}, follow=True).content.decode()
    assert is_slowed(distribution, now)
    assert UNTIL in shown
    assert "placed the caller&#x27;s next calls behind others" in shown  # in the contact's own ledger
    supervisor.post(f"{address}/slow", {"on": "0"})
    assert not is_slowed(distribution, now)
    verbs = Entry.objects.filter(user_id=marta.pk, what__in=("slow_caller", "end_slowing")).order_by("pk")
    assert [entry.about for entry in verbs] == [f"contact {contact.pk}"] * 2


def test_an_operator_cannot(distribution, contact, ana, now):
    client = Client()
    client.force_login(ana)
    assert BUTTON not in client.get(f"/contacts/{contact.pk}?language=en").content.decode()
    assert client.post(f"/contacts/{contact.pk}/slow", {"on": "1"}).status_code == 404
    with pytest.raises(Refused):
        slow_caller(contact, by=ana, now=now)
    assert not is_slowed(distribution, now)


@pytest.mark.parametrize("why", ["danger", "withheld", "a day ago"])
def test_danger_and_whom_a_next_call_would_not_be_recognised_as(distribution, supervisor, contact, marta, now, why):
    change = {
        "danger": {"danger": True},
        "withheld": {"pseudonym": None},
        "a day ago": {"arrived_at": now - timedelta(days=1)},
    }[why]
    Call.objects.filter(pk=contact.call_id).update(**change)
    contact.refresh_from_db()
    assert BUTTON not in supervisor.get(f"/contacts/{contact.pk}?language=en").content.decode()
    with translation.override("en"), pytest.raises(Refused, match="waits behind nobody"):
        slow_caller(contact, by=marta, now=now)
    assert not is_slowed(distribution, now)


def test_the_page_comes_while_the_switchboard_is_away(supervisor, contact):
    assert BUTTON in supervisor.get(f"/contacts/{contact.pk}?language=en").content.decode()
    assert supervisor.post(f"/contacts/{contact.pk}/slow", {"on": "1"}).status_code == 503

"""The contact of an answered call is opened by a request that writes. Reading the console writes nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact
from amparo.line.contacts.summaries import LATELY
from amparo.line.roster.models import Seat, State
from amparo.line.switchboard.models import Call, CallEvent
from amparo.line.switchboard.models import State as CallState

from . import scenes

IN_A_MOMENT = "You are in the call. Its page opens in a moment."


@pytest.fixture
def behind(ana) -> str:
    """A call that Ana answered, before its contact was opened."""
    pk = scenes.talking()
    Contact.objects.filter(call=pk).delete()
    Seat.objects.update(state=State.READY)
    return pk


def test_reading_the_console_opens_nothing_and_says_what_it_waits_for(behind, console, ana):
    page = console.get("/console?language=en").content.decode()
    assert IN_A_MOMENT in page
    assert f'data-behind="{reverse("catch-up")}"' in page
    assert not Contact.objects.filter(call=behind).exists()
    assert Seat.objects.get(pk=ana.pk).state == State.READY


def test_the_console_catches_up(behind, console, ana):
    assert console.post(reverse("catch-up")).status_code == 204
    page = console.get("/console?language=en").content.decode()
    assert IN_A_MOMENT not in page
    assert "data-behind" not in page
    assert Contact.objects.get(call=behind).operator == ana
    assert Seat.objects.get(pk=ana.pk).state == State.BUSY


def test_before_the_switchboard_has_written_the_call_there_is_nothing_to_open(behind, console):
    Call.objects.update(operators=[])
    assert console.post(reverse("catch-up")).status_code == 204
    assert not Contact.objects.exists()


def test_who_is_in_the_call_and_not_shown_as_busy_catches_up_too(behind, console, ana):
    console.post(reverse("catch-up"))
    Seat.objects.update(state=State.READY)
    assert "data-behind" in console.get("/console").content.decode()
    console.post(reverse("catch-up"))
    assert Seat.objects.get(pk=ana.pk).state == State.BUSY


@pytest.fixture
def hung_up(behind, ana) -> str:
    """A call that Ana answered and whose caller hung up before the switchboard wrote that Ana is in it."""
    Seat.objects.update(state=State.BUSY)
    Call.objects.update(state=CallState.ENDED, ended_at=timezone.now(), operators=[])
    CallEvent.objects.filter(call=behind).delete()
    CallEvent.objects.create(call_id=behind, at=timezone.now(), kind=CallEvent.Kind.ANSWERED, user=ana)
    return behind


def test_a_caller_who_hangs_up_at_once_is_wrapped_up_like_any_other(hung_up, console, ana):
    assert "data-behind" in console.get("/console").content.decode()
    assert console.post(reverse("catch-up")).status_code == 204
    assert Contact.objects.get(call=hung_up).operator == ana
    page = console.get("/console").content.decode()
    assert 'id="wrap-up"' in page
    assert "data-behind" not in page


def test_who_left_the_call_before_its_end_opens_no_contact(hung_up, console, ana):
    CallEvent.objects.create(call_id=hung_up, at=timezone.now(), kind=CallEvent.Kind.LEFT, user=ana)
    assert "data-behind" not in console.get("/console").content.decode()
    console.post(reverse("catch-up"))
    assert not Contact.objects.exists()


def test_long_after_its_end_no_contact_is_opened(hung_up, console):
    CallEvent.objects.update(at=timezone.now() - LATELY)
    assert "data-behind" not in console.get("/console").content.decode()
    console.post(reverse("catch-up"))
    assert not Contact.objects.exists()


def test_a_supervisor_who_was_quicker_has_the_page(hung_up, console, ana, marta):
    open_contact(Call.objects.get(pk=hung_up), by=marta, now=timezone.now())
    assert console.post(reverse("catch-up")).status_code == 204
    assert [contact.operator for contact in Contact.objects.all()] == [marta]
    assert "data-behind" not in console.get("/console").content.decode()

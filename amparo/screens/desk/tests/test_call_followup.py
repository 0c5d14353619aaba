"""The contact of an answered call is opened by a request that writes. Reading the console writes nothing."""

import pytest
from django.urls import reverse

from amparo.line.contacts.models import Contact
from amparo.line.roster.models import Seat, State
from amparo.line.switchboard.models import Call

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

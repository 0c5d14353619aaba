"""A bed that was held and an arrival that was noted by mistake are taken back at once; later, it says what happened."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from amparo.care.cases.models import Task
from amparo.care.shelters.models import Placement
from amparo.care.shelters.picklists import State
from amparo.care.shelters.rules import MISTAKEN_FOR, arrive, leave_house, take_back_arrival
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def undo(client: Client, shown: str) -> None:
    action = re.search(r'<div class="undo".*?action="([^"]*)"', shown, re.S)
    assert action
    client.post(action[1])


def state_of(placement: Placement) -> str:
    return str(Placement.objects.get(pk=placement.pk).state)


def test_an_arrival_noted_by_mistake_holds_the_same_bed_again(approved, case, luz, now):
    [bed] = [stay.occupancy.bed_id for stay in approved.ordered_stays]
    arrive(approved, by=luz, now=now)
    assert not Task.objects.get(pk=approved.pk).is_open
    take_back_arrival(approved, by=luz, now=now + timedelta(minutes=1))
    [stay] = approved.ordered_stays
    assert (state_of(approved), stay.is_there, stay.occupancy.bed_id) == (State.APPROVED, False, bed)
    assert Task.objects.get(pk=approved.pk).is_open
    assert list(case.entries.order_by("-number").values_list("kind", flat=True)[:2]) == ["not_arrived", "arrived"]
    arrive(approved, by=luz, now=now + timedelta(minutes=2))
    assert state_of(approved) == State.IN_HOUSE


def test_twice_changes_nothing(approved, case, luz, now):
    arrive(approved, by=luz, now=now)
    for _ in range(2):
        take_back_arrival(approved, by=luz, now=now + timedelta(minutes=1))
    assert case.entries.filter(kind="not_arrived").count() == 1


def test_later_or_when_she_has_left_it_is_no_mistake_any_more(approved, luz, now):
    arrive(approved, by=luz, now=now)
    with pytest.raises(Refused):
        take_back_arrival(approved, by=luz, now=now + MISTAKEN_FOR + timedelta(minutes=1))
    leave_house(approved.ordered_stays[0], by=luz, now=now + timedelta(minutes=2))
    with pytest.raises(Refused):
        take_back_arrival(approved, by=luz, now=now + timedelta(minutes=3))


def test_a_stranger_takes_nothing_back(approved, luz, elsewhere, stranger, now):
    arrive(approved, by=luz, now=now)
    for user in (elsewhere, stranger):
        with pytest.raises(Refused):
            take_back_arrival(approved, by=user, now=now)
    assert state_of(approved) == State.IN_HOUSE


def test_the_house_is_offered_it_for_seconds(approved, luz):
    client = browser(luz)
    undo(client, client.post(f"/house/placements/{approved.pk}/arrived", follow=True).content.decode())
    assert state_of(approved) == State.APPROVED
    verbs = set(Entry.objects.filter(key=approved.key_id).values_list("what", flat=True))
    assert {"arrive", "take_back_arrival"} <= verbs


def test_the_offer_ends_with_the_next_form(approved, luz):
    """Otherwise the button of the arrival would stand beside another action, and take back the wrong one."""
    client = browser(luz)
    client.post(f"/house/placements/{approved.pk}/arrived")
    [stay] = approved.ordered_stays
    shown = client.get("/house").content.decode()
    assert 'class="undo"' in shown
    assert f'id="leaving-{stay.pk}" popover role="alertdialog"' in shown  # nothing brings her back: it is asked first
    shown = client.post(f"/house/stays/{stay.pk}/left", follow=True).content.decode()
    assert state_of(approved) == State.LEFT
    assert 'class="undo"' not in shown


def test_a_held_bed_is_released_again(case, person, house, ana):
    client = browser(ana)
    shown = client.post(
        "/beds/hold", {"who": person.pk, "seen": person.pk, "house": house.pk}, follow=True
    ).content.decode()
    [placement] = Placement.objects.all()
    assert placement.state == State.RESERVED
    undo(client, shown)
    assert state_of(placement) == State.RELEASED

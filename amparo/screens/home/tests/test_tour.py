"""The tour of the first day: five steps for each role, each a page that the person may open, until it is left."""

import pytest
from django.test import Client

from amparo.foundation.access import permissions
from amparo.foundation.access.models import TourEnd, User
from amparo.foundation.core.actor import acting_as
from amparo.screens.home.homes import home_of
from amparo.screens.home.tour import tour_of

from .test_homes import NOW
from .test_navigation import everybody


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def steps(user: User) -> list[str]:
    with acting_as(user.acting()):
        return [step.address for step in tour_of(user)]


@pytest.mark.django_db
def test_everybody_with_a_home_has_five_steps_and_may_open_each():
    guided = 0
    for user in everybody():
        with acting_as(user.acting()):
            only_watches = permissions.watch(user) and not (
                permissions.supervise(user) or permissions.manage_people(user) or permissions.audit(user)
            )
            has_home = bool(home_of(user, NOW).numbers) and not only_watches
        found, client = steps(user), signed_in(user)
        assert len(found) == (5 if has_home else 0), user.username
        guided += has_home
        for address in filter(None, found):
            assert client.get(address).status_code == 200, (user.username, address)
    assert guided > 12


def test_one_press_ends_it_for_ever_and_for_this_person_alone(ana, rufino):
    client = signed_in(ana)
    assert 'class="tour"' in client.get("/home").content.decode()
    for _twice in range(2):
        assert client.post("/home/tour/leave").status_code == 302
    assert TourEnd.objects.get().user == ana
    assert 'class="tour"' not in signed_in(ana).get("/home").content.decode()
    assert 'class="tour"' in signed_in(rufino).get("/home").content.decode()


def test_nobody_ends_it_for_a_colleague(ana, rufino):
    with pytest.raises(Exception, match="row-level security"), acting_as(ana.acting()):
        TourEnd.objects.create(user=rufino, at=NOW)

"""Whoever corrects the time or place of one event or spot five times within a day is asked about it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.audit.sealer import Sealer
from amparo.foundation.audit.tests.conftest import KEY, sealing_role
from amparo.foundation.oversight.models import Alert
from amparo.programme.campaigns.rules import add_campaign, add_spot, change_spot
from amparo.programme.events.models import Event
from amparo.programme.events.rules import change_event, record_event

HOUR = timedelta(hours=1)


@pytest.fixture
def sealer(transactional_db) -> Iterator[Sealer]:
    with sealing_role() as link:
        yield Sealer(link, [], KEY)


@pytest.fixture
def carla(sealer) -> User:
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY, is_invented=True)
    auditor = {"username": "vera", "role": Role.AUDITOR, "agency": ministry}
    User.objects.create(first_name="Vera", is_invented=True, **auditor)
    return User.objects.create(username="carla", first_name="Carla", role=Role.CAMPAIGN_OFFICER, is_invented=True)


def event_of(carla: User) -> Event:
    return record_event(kind="talk", title="x", venue="x", starts_at=timezone.now() - 99 * HOUR, by=carla)


def correct(event: Event, carla: User, **columns: object) -> Event:
    return change_event(event, by=carla, now=timezone.now(), **columns)


def alerts(sealer: Sealer) -> list[tuple[str, str]]:
    while sealer.seal():
        pass
    return list(Alert.objects.values_list("kind", "about__username"))


def test_the_fifth_correction_of_an_events_time_or_place_raises_one_alert(sealer, carla):
    event = event_of(carla)
    for _number in range(3):
        event = correct(event, carla, starts_at=event.starts_at + HOUR)
    event = correct(event, carla, ubigeo="150101")
    assert alerts(sealer) == []
    for _number in range(3):
        event = correct(event, carla, starts_at=event.starts_at + HOUR)
        assert alerts(sealer) == [("moved", "carla")]


def test_the_fifth_correction_of_a_spots_time_raises_one_alert(sealer, carla):
    today = timezone.localdate()
    campaign = add_campaign(name="x", goal="x", starts=today, ends=today, by=carla)
    spot = add_spot(campaign, name="x", medium="radio", aired_at=timezone.now() - 99 * HOUR, by=carla)
    for number in range(1, 6):
        spot = change_spot(spot, aired_at=spot.aired_at + HOUR, by=carla, now=timezone.now())
        assert alerts(sealer) == ([("moved", "carla")] if number == 5 else [])


def test_control_other_words_and_other_events_raise_none(sealer, carla):
    event = event_of(carla)
    for number in range(6):
        event = correct(event, carla, title=f"x {number}")
        correct(event_of(carla), carla, starts_at=timezone.now() - number * HOUR)
    assert alerts(sealer) == []

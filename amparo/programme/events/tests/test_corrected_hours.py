"""Somebody corrects the hour of an event or a spot again and again, to learn when a single contact began.

Twelve contacts follow a single one. A window that just holds the thirteenth shows 15, one that just does not shows 10.
If windows began at any minute, seven halves of an hour would tell that of the single contact.
"""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from amparo.programme.campaigns.rules import add_campaign, add_spot, change_spot
from amparo.programme.events.rules import change_event, record_event

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
AFTER_AN_EVENT = re.compile(r"Contacts in [\w ]+</h2><b>([^<]*)</b>")
AFTER_A_SPOT = re.compile(r'data-label="After">(.*?)</td>')


@pytest.fixture
def seven(midnight) -> datetime:
    """Seven o'clock on a day long over; 23 minutes and some seconds later there is a single contact."""
    return midnight - 12 * DAY + 7 * HOUR


def test_no_correction_of_an_event_tells_more_than_the_day_of_a_contact(carla, at, called, seven):
    called(1, seven + 23 * MINUTE + timedelta(seconds=7))
    called(12, seven + DAY)
    client = at(carla)
    event = record_event(kind="talk", title="x", venue="x", starts_at=seven, by=carla)

    def shown(starts_at: datetime) -> list[str]:
        nonlocal event
        event = change_event(event, starts_at=starts_at, by=carla, now=timezone.now())
        return AFTER_AN_EVENT.findall(client.get(f"/events/{event.pk}?language=en").content.decode())

    hours = (-7 * HOUR, -MINUTE, 23 * MINUTE, 24 * MINUTE, HOUR, 17 * HOUR - MINUTE)
    assert [shown(seven + each) for each in hours] == [["15"]] * len(hours)
    assert [shown(seven + each) for each in (-7 * HOUR - MINUTE, 17 * HOUR)] == [["15"], ["10"]]  # the control


def test_no_correction_of_a_spot_tells_more_than_the_hour_of_a_contact(carla, at, called, seven):
    called(1, seven + 23 * MINUTE + timedelta(seconds=7))
    called(12, seven + HOUR)
    client, today = at(carla), timezone.localdate(seven)
    campaign = add_campaign(name="x", goal="x", starts=today - 14 * DAY, ends=today + DAY, by=carla)
    spot = add_spot(campaign, name="x", medium="radio", aired_at=seven - DAY, by=carla)

    def shown(aired_at: datetime) -> list[str]:
        nonlocal spot
        spot = change_spot(spot, aired_at=aired_at, by=carla, now=timezone.now())
        return AFTER_A_SPOT.findall(client.get(f"/campaigns/{campaign.pk}?language=en").content.decode())

    minutes = (MINUTE, 22 * MINUTE, 24 * MINUTE, 40 * MINUTE, 59 * MINUTE, 0 * MINUTE)
    assert [shown(seven + each) for each in minutes] == [["15"]] * len(minutes)
    assert shown(seven + HOUR) == ["10"]  # the control

"""The last thirty days of each part: the worst state of a day stays, and what is older goes."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from amparo.screens.administration import past_states, tasks
from amparo.screens.administration.models import PartState
from amparo.screens.administration.part import AMBER, GREEN, RED, Part
from amparo.screens.administration.past_states import DAYS, note_states, with_past
from amparo.screens.administration.tasks import note_how_each_part_is

NOW = datetime(2026, 3, 10, 17, tzinfo=UTC)
TODAY = date(2026, 3, 10)


def part(light: str, key: str = "disk", of: str = "") -> Part:
    return Part(key, key.title(), light, ("Words.",), of=of)


@pytest.fixture
def found(monkeypatch) -> list[Part]:
    """The parts as the machine has them now."""
    parts: list[Part] = []
    monkeypatch.setattr(past_states, "parts", lambda _now: parts)
    return parts


@pytest.mark.django_db
def test_the_worst_state_of_a_day_stays(found):
    for light in (GREEN, RED, AMBER):
        found[:] = [part(light)]
        note_states(NOW)
    note_states(NOW + timedelta(days=1))
    [past] = with_past([part(GREEN)], NOW + timedelta(days=1))
    assert [day.light for day in past.days[-3:]] == ["", RED, AMBER]
    assert len(past.days) == DAYS


@pytest.mark.django_db
def test_what_is_older_than_thirty_days_goes(found):
    for ago in (DAYS, DAYS - 1):
        PartState.objects.create(part="disk", day=TODAY - timedelta(days=ago), severity=2)
    found[:] = [part(GREEN)]
    note_states(NOW)
    assert sorted(PartState.objects.values_list("day", flat=True)) == [TODAY - timedelta(days=DAYS - 1), TODAY]


@pytest.mark.django_db
def test_parts_with_one_key_are_kept_apart(found):
    found[:] = [part(RED, "certificate", "one.example"), part(GREEN, "certificate", "two.example")]
    note_states(NOW)
    assert [past.days[-1].light for past in with_past(found, NOW)] == [RED, GREEN]


@pytest.mark.django_db
def test_the_days_are_said_in_words():
    for day, severity in ((1, 1), (2, 1), (3, 1), (5, 2), (7, 0)):
        PartState.objects.create(part="disk", day=TODAY.replace(day=day), severity=severity)
    with translation.override("en"):
        [past] = with_past([part(GREEN)], NOW)
        assert past.words == "6 days noted: 3 to look at, 1 on which it did not work"
        assert past.unwell == ["Did not work: March 5", "To look at: March 1 – March 3"]
        [well] = with_past([part(GREEN, "clock")], NOW)
        assert (well.words, well.unwell) == ("1 day noted: all well", [])


@pytest.mark.django_db
def test_the_worker_notes_every_part_and_the_page_shows_its_days(stranger, monkeypatch):
    due = int(timezone.now().timestamp())
    monkeypatch.setattr(tasks, "BEGUN", time.monotonic())
    note_how_each_part_is(due)  # at a start: other parts are not there yet
    assert not PartState.objects.exists()
    monkeypatch.setattr(tasks, "BEGUN", time.monotonic() - tasks.STARTING - 1)
    note_how_each_part_is(due)
    parts = set(PartState.objects.values_list("part", flat=True))
    assert {"database", "switchboard", "trunk", "worker", "ledger", "backup", "restore", "disk", "ports"} <= parts
    client = Client()
    client.force_login(stranger)
    page = client.get("/installation?language=en").content.decode()
    assert page.count('class="days-30"') == len(parts)
    assert "1 day noted: 1 on which it did not work" in page

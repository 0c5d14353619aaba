"""A campaign of 60 days that brings 15 % more, and a silent district: from the recipe, as the page shows it."""

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from amparo.demo.history import conversations, recipe
from amparo.demo.history.days import counts_by_day
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.programme.campaigns.effect import Effect
from amparo.programme.campaigns.models import Campaign
from amparo.programme.campaigns.reach import reach_of
from amparo.programme.campaigns.rules import add_campaign, effect_of

START, BEFORE, DURING = date(2025, 3, 3), 366, 60  # all in the past, so that each day shows the same
A_DAY, LIFT, DAY = (18.0, 20.0), 1.15, timedelta(days=1)
ATE, LURIGANCHO, COMAS, CUSCO = "150103", "150132", "150110", "080101"  # districts


def answered(campaign: recipe.CampaignEffects) -> Iterator[recipe.PastCall]:
    """Calls that become no case: the effect is of contacts alone."""
    first, chance = START - BEFORE * DAY, np.random.default_rng(recipe.SEED)
    counts = counts_by_day(first, BEFORE + DURING, A_DAY, chance, since=campaign.since, lift=LIFT)
    calls = recipe.calls_of_days(first, counts, random.Random(recipe.SEED), campaign)
    return (replace(call, becomes_a_case=False) for call in calls if call.contact)


@pytest.fixture
def campaign(carla, ana) -> Campaign:
    return recorded(recipe.CampaignEffects(START, silent=ATE), carla, ana)


def recorded(caused: recipe.CampaignEffects, carla: User, ana: User) -> Campaign:
    calls = answered(caused)
    for _month, some in groupby(calls, key=lambda call: (call.arrived.year, call.arrived.month)):
        conversations.write_forgotten_month(list(some), {"ana": ana}, timezone.now())
    return add_campaign(
        name="Mira dos veces", goal="x", starts=START, ends=START + (DURING - 1) * DAY,
        ubigeos=[LURIGANCHO, ATE, COMAS, CUSCO], by=carla,
    )  # fmt: skip


def test_its_effect_is_shown_with_its_interval_and_the_silent_district_is_named(campaign, carla):
    with acting_as(carla.acting()):
        found = effect_of(campaign.starts, campaign.ends, timezone.now())
    assert isinstance(found, Effect)
    low, high = found.interval
    assert 1 < low < LIFT < high
    assert high / low < 1.5
    assert found.picture
    client = Client()
    client.force_login(carla)
    page = client.get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert f"From {low:.2f} to {high:.2f} times what was expected" in page
    assert "Silent where the campaign was:</b> Ate, Lima, Lima.</p>" in page  # and none of the three that called
    districts = client.get(f"/campaigns/{campaign.pk}/districts/1501?language=en").content.decode()
    rows = dict(re.findall(r'<th scope="row">\d\. (.*?)</th>(.*?)</tr>', districts))
    assert {name: "silent" in row for name, row in rows.items()} == {
        "Ate": True, "Comas": False, "San Juan de Lurigancho": False,
    }  # fmt: skip
    assert "fewer than ten, or none" in rows["Ate"]
    assert "50 or more" in rows["San Juan de Lurigancho"]


def test_with_the_same_campaign_a_district_that_calls_is_not_named(carla, ana):
    """The control: the recipe without the silence."""
    campaign = recorded(recipe.CampaignEffects(START), carla, ana)
    with acting_as(carla.acting()):
        found = reach_of(campaign, timezone.localdate())
    assert found.is_shown
    assert found.silent_places == []


def test_without_a_campaign_nothing_rises_and_nobody_is_silent():
    """The control: the recipe alone makes the difference."""
    during = {}
    for name, caused in (("with", recipe.CampaignEffects(START, silent=ATE)), ("without", recipe.NO_CAMPAIGN)):
        during[name] = [call for call in answered(caused) if call.arrived.date() > START]
    places = {name: {call.contact.fields.get("place") for call in calls} for name, calls in during.items()}
    assert places["without"] - places["with"] == {ATE}
    assert 1.05 < len(during["with"]) / len(during["without"]) < 1.25

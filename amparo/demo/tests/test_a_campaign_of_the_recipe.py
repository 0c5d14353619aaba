"""A campaign of 60 days that brings 15 % more, and a silent department: from the recipe, as the page shows it."""

import random
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
from amparo.foundation.core.actor import acting_as
from amparo.programme.campaigns.effect import Effect
from amparo.programme.campaigns.models import Campaign
from amparo.programme.campaigns.rules import add_campaign, effect_of

START, BEFORE, DURING = date(2025, 3, 3), 366, 60  # all in the past, so that each day shows the same
A_DAY, LIFT, DAY = (18.0, 20.0), 1.15, timedelta(days=1)
LORETO = "16"


def answered(campaign: recipe.Campaign) -> Iterator[recipe.PastCall]:
    """Calls that become no case: the effect is of contacts alone."""
    first, chance = START - BEFORE * DAY, np.random.default_rng(recipe.SEED)
    counts = counts_by_day(first, BEFORE + DURING, A_DAY, chance, since=campaign.since, lift=LIFT)
    calls = recipe.of_days(first, counts, random.Random(recipe.SEED), campaign)
    return (replace(call, becomes_a_case=False) for call in calls if call.contact)


@pytest.fixture
def campaign(carla, ana) -> Campaign:
    calls = answered(recipe.Campaign(START, silent=LORETO))
    for _month, some in groupby(calls, key=lambda call: (call.arrived.year, call.arrived.month)):
        conversations.write_counted(list(some), {"ana": ana}, timezone.now())
    return add_campaign(
        name="Mira dos veces", goal="x", starts=START, ends=START + (DURING - 1) * DAY,
        ubigeos=["15", "08", LORETO, "17"], by=carla,
    )  # fmt: skip


def test_its_effect_is_shown_with_its_interval_and_the_silent_department_is_named(campaign, carla):
    with acting_as(carla.acting()):
        found = effect_of(campaign.starts, campaign.ends, timezone.now())
    assert isinstance(found, Effect)
    low, high = found.interval
    assert 1 < low < LIFT < high
    assert high / low < 1.4
    assert found.picture
    client = Client()
    client.force_login(carla)
    page = client.get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert f"From {low:.2f} to {high:.2f} times what was expected" in page
    assert "Silent where the campaign was:</b> Loreto." in page


def test_without_a_campaign_nothing_rises_and_nobody_is_silent():
    """The control: the recipe alone makes the difference."""
    during = {}
    for name, caused in (("with", recipe.Campaign(START, silent=LORETO)), ("without", recipe.NO_CAMPAIGN)):
        during[name] = [call for call in answered(caused) if call.arrived.date() > START]
    places = {name: {call.contact.fields.get("place") for call in calls} for name, calls in during.items()}
    assert places["without"] - places["with"] == {LORETO}
    assert 1.05 < len(during["with"]) / len(during["without"]) < 1.25

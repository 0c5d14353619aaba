"""A differencing attack by corrections: the dates of one campaign, moved again and again, with each page written down.

With exact days behind them, three hundred rounded sums leave one solution: the days of the campaign. `make soak` tries
all three hundred dates, `make test` some of every week.
"""

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from amparo.foundation.core.actor import acting_as
from amparo.programme.campaigns.effect import Effect
from amparo.programme.campaigns.rules import add_campaign, add_spot, change_campaign, effect_of
from tests.repetitions import repeat

DAY = timedelta(days=1)
STEP = repeat(3, 1)  # days


@pytest.fixture
def busy(called, midnight) -> None:
    """160 days with 3 to 13 contacts, as an invented line has them."""
    for ago in range(1, 161):
        called(3 + 7 * ago % 11, midnight - ago * DAY)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("busy")
def test_many_dates_of_a_campaign_tell_no_more_than_its_rounded_weeks(carla, called, midnight):
    """One more contact on one day, within the same rounded week: no first and last day shows it."""
    today = timezone.localdate(midnight)
    newest = sum(3 + 7 * ago % 11 for ago in range(8, 15))
    # three over a multiple of five: one more is in the same rounded week
    called(2 + (1 - newest) % 5, midnight - 9 * DAY)
    dates = [(today - first * DAY, today - last * DAY) for first in range(20, 45, STEP) for last in range(1, 13, STEP)]

    def seen() -> list[object]:
        with acting_as(carla.acting()):
            return [effect_of(*each, midnight) for each in dates]

    before = seen()
    assert sum(isinstance(each, Effect) for each in before) > len(dates) * 2 // 3
    called(1, midnight - 10 * DAY)
    assert seen() == before
    called(5, midnight - 10 * DAY)
    assert seen() != before  # the control: a week that differs is seen


@pytest.mark.usefixtures("busy")
def test_the_first_and_last_day_of_a_campaign_show_no_single_day(carla, called, at, midnight):
    """All days of a week give the same page, but for the dates themselves."""
    today, client = timezone.localdate(midnight), at(carla)
    called(40, midnight - 16 * DAY, heard_code="TERMINAL", heard_of_us="radio")
    campaign = add_campaign(name="x", goal="x", starts=today - 21 * DAY, ends=today - 8 * DAY, by=carla)
    add_spot(campaign, name="x", medium="poster", aired_at=midnight - 60 * DAY, code="TERMINAL", cost=80, by=carla)
    shown = set()
    for first, last in product(range(7), repeat=2):
        starts, ends = today - (21 - first) * DAY, today - (14 - last) * DAY
        campaign = change_campaign(campaign, name="x", goal="x", starts=starts, ends=ends, by=carla, now=timezone.now())
        page = client.get(f"/campaigns/{campaign.pk}?language=en").content.decode()
        shown.add(page.partition('id="costs"')[2].partition('id="add"')[0])
    assert len(shown) == 1
    assert 'data-label="Contacts">40</td>' in shown.pop()

"""A differencing attack: sums of days that overlap, each on a page of its own, subtracted from each other.

Each of seven days has fewer than ten contacts, so no page shows one. Yet a campaign's page has their sum, and the pages
of two events have the sums of three days each. Without rounding the seventh day is what remains.
"""

import re
from collections import Counter
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from amparo.foundation.core import small_counts
from amparo.foundation.core.small_counts import SMALLEST, round_to_five
from amparo.programme.campaigns.rules import add_campaign
from amparo.programme.events.rules import record_event

DAY = timedelta(days=1)
NEWEST_WEEK = r'<td class="n">(\d+)</td><td class="n">\d+</td></tr></tbody></table></div></details>'
THREE_DAYS = r"Contacts in three days</h2><b>(\d+)</b>"


def possible(week: int, first: int, second: int) -> set[int]:
    """The counts of the seventh day that fit three numbers, each to the nearest `BASE`, and the rule of ten."""
    doubt = 3 * (small_counts.BASE // 2)
    return {count for count in range(SMALLEST) if abs(count - (week - first - second)) <= doubt}


@pytest.fixture
def attack(carla, at, called, midnight):
    """Return the three sums that the pages show, for each true count of yesterday from 0 to 9."""

    def attack() -> dict[int, tuple[int, ...]]:
        for ago in range(8, 99):
            called(3, midnight - ago * DAY)
        for ago, many in enumerate((7, 8, 8, 9, 9, 9), 2):
            called(many, midnight - ago * DAY)
        today = timezone.localdate(midnight)
        campaign = add_campaign(name="x", goal="x", starts=today - 14 * DAY, ends=today - DAY, by=carla)
        events = [
            record_event(kind="talk", title="x", venue="x", starts_at=midnight - ago * DAY, by=carla) for ago in (7, 4)
        ]
        pages = [(f"/campaigns/{campaign.pk}", NEWEST_WEEK), *((f"/events/{each.pk}", THREE_DAYS) for each in events)]
        client, found = at(carla), {}
        for count in range(SMALLEST):
            if count:
                called(1, midnight - DAY + count * timedelta(hours=1))
            texts = [(client.get(f"{page}?language=en").content.decode(), number) for page, number in pages]
            assert not any("Day 1" in text for text, _number in texts)
            found[count] = tuple(int(re.search(number, text)[1]) for text, number in texts)
        return found

    return attack


def test_sums_of_pages_do_not_give_a_hidden_day_away(attack):
    shown = attack()
    assert min(Counter(shown.values()).values()) > 1  # no count has pages that no other has
    for count, sums in shown.items():
        assert count in possible(*sums)
        assert len(possible(*sums)) > SMALLEST / 2


def test_without_rounding_the_attack_finds_each_hidden_day(attack, monkeypatch):
    """The positive control."""
    monkeypatch.setattr(small_counts, "BASE", 1)
    assert [possible(*sums) for sums in attack().values()] == [{count} for count in range(SMALLEST)]


def test_over_all_sums_the_attack_hardly_ever_finds_a_hidden_day(capsys):
    worlds = list(product(range(SMALLEST), range(20, 25), range(20, 25)))
    left = [
        len(possible(round_to_five(count + first + second), round_to_five(first), round_to_five(second)))
        for count, first, second in worlds
    ]
    found, mean = left.count(1) / len(worlds), sum(left) / len(worlds)
    with capsys.disabled():
        print(f"\nof {SMALLEST} counts {mean:.1f} still fit on average; one alone in {100 * found:.1f} % of cases")
    assert found < 0.01
    assert mean > SMALLEST / 2

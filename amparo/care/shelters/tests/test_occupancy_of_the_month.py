"""How full a house was in a month, in nights of beds, for those who place people and for the house itself."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import timezone

from amparo.care.shelters.models import Bed, Occupancy
from amparo.care.shelters.nights import nights_of
from amparo.care.shelters.occupancies import take_bed
from amparo.care.shelters.picklists import OccupancyKind

APRIL = date(2026, 4, 1)
LATER = datetime(2026, 7, 1, tzinfo=UTC)


def day(number: int, hour: int = 12) -> datetime:
    return timezone.make_aware(datetime(2026, 4, number, hour))


@pytest.fixture
def beds(house) -> list[Bed]:
    Occupancy.objects.all().delete()
    return list(house.beds.order_by("number"))


def test_nights_are_counted_at_midnight(house, beds, olga):
    first, second, *_others = beds
    take_bed([first], OccupancyKind.STAY, day(3, 23), day(6, 9))  # three midnights
    take_bed([first], OccupancyKind.STAY, day(8, 9), day(8, 20))  # none
    take_bed([second], OccupancyKind.REPAIR, day(10), day(12))
    take_bed([second], OccupancyKind.HOLD, day(20), day(22))
    [it] = nights_of(olga, APRIL, LATER)
    assert (it.house, it.slept, it.repaired, it.usable) == (house, 3, 2, 30 * len(beds) - 2)
    assert it.occupancy_percent == round(100 * 3 / (30 * len(beds) - 2))


def test_a_stay_over_the_end_of_a_month_belongs_to_both(beds, olga):
    take_bed([beds[0]], OccupancyKind.STAY, day(30), None)
    assert [it.slept for it in nights_of(olga, APRIL, LATER)] == [1]
    assert [it.slept for it in nights_of(olga, date(2026, 5, 1), LATER)] == [31]


def test_of_a_running_month_only_what_is_over_is_counted(beds, olga):
    take_bed([beds[0]], OccupancyKind.STAY, day(1, 0), None)
    [it] = nights_of(olga, APRIL, day(4))
    assert (it.slept, it.usable) == (3, 3 * len(beds))
    assert [it.occupancy_percent for it in nights_of(olga, APRIL, day(1))] == [None]


def test_a_bed_out_of_use_is_no_bed(beds, olga):
    take_bed([beds[0]], OccupancyKind.GONE, day(1, 0), None)
    [it] = nights_of(olga, APRIL, LATER)
    assert it.usable == 30 * (len(beds) - 1)


def test_who_opens_the_page_and_whose_houses_it_shows(house, beds, olga, luz, elsewhere, ana):
    def page(user, query: str = ""):
        client = Client()
        client.force_login(user)
        return client.get(f"/occupancy?language=en{query}")

    for user in (olga, luz):
        assert str(house) in page(user, "&month=2026-04").content.decode()
    assert str(house) not in page(elsewhere).content.decode()
    assert page(ana).status_code == 404
    file = page(olga, "&month=2026-04&as=csv")
    assert file.headers["Content-Disposition"] == 'attachment; filename="occupancy-2026-04.csv"'
    assert file.content.decode("utf-8-sig").splitlines()[1].startswith(f"{house},")
    for wrong in ("2026-13", "x", "9999-01", "0001-01"):
        assert page(olga, f"&month={wrong}").status_code == 200

"""The map of a campaign: which departments contacted the line, in bands, and which were silent where it was heard."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import DataError, ProgrammingError, connection
from django.utils import timezone

from amparo.foundation.core.actor import acting_as
from amparo.programme.campaigns.counts import KnownShare
from amparo.programme.campaigns.models import Campaign
from amparo.programme.campaigns.reach import reach_of
from amparo.programme.campaigns.rules import add_campaign

MONDAY, TODAY = date(2026, 3, 2), date(2026, 3, 18)  # a Wednesday: two weeks of the campaign are over


def moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


@pytest.fixture
def campaign(carla) -> Campaign:
    """From a Wednesday on, in Lima, Cusco and Madre de Dios."""
    return add_campaign(
        name="Mira dos veces", goal="invented", starts=MONDAY + timedelta(days=2), ends=date(2026, 4, 30),
        ubigeos=["15", "0801", "17"], by=carla,
    )  # fmt: skip


def reach(carla, campaign, today=TODAY):
    with acting_as(carla.acting()):
        return reach_of(campaign, today)


def bands(found) -> dict[str, int]:
    return {each.shape.ubigeo: each.band for each in found.departments if each.band}


def test_departments_are_in_bands_and_the_silent_ones_of_the_campaign_are_named(called, campaign, carla):
    for ubigeo, many in (("150101", 21), ("08", 10), ("17", 9), ("21", 12), ("", 20)):
        called(many, moment(MONDAY), ubigeo=ubigeo)
    found = reach(carla, campaign)
    assert bands(found) == {"15": 2, "08": 1, "21": 1}
    assert found.silent_places == ["Madre de Dios"]  # Puno was not reached, and is not silent
    assert (found.first, found.last, found.known) == (MONDAY, date(2026, 3, 15), KnownShare(70, 71, is_enough=True))


def test_only_whole_weeks_that_are_over_are_counted(called, campaign, carla):
    called(12, moment(MONDAY), ubigeo="15")
    called(12, moment(date(2026, 3, 16)), ubigeo="08")  # this week
    called(12, moment(date(2026, 3, 1)), ubigeo="21")  # the week before
    assert bands(reach(carla, campaign)) == {"15": 1}
    assert reach(carla, campaign, MONDAY + timedelta(days=6)) is None


def test_the_map_is_withheld_when_too_few_places_are_known(called, campaign, carla, at):
    called(59, moment(MONDAY), ubigeo="150101")
    called(41, moment(MONDAY))
    found = reach(carla, campaign)
    assert found.known == KnownShare(100, 59, is_enough=False)
    assert (found.departments, found.silent_places, found.other_silent_districts) == ((), [], 0)
    for address in (f"/campaigns/{campaign.pk}", f"/campaigns/{campaign.pk}/districts/15"):
        page = at(carla).get(f"{address}?language=en").content.decode()
        assert "The map is not shown." in page
        assert 'class="chart map"' not in page


def test_of_fewer_than_ten_contacts_nothing_is_said(called, campaign, carla, at):
    called(9, moment(MONDAY), ubigeo="150101")
    found = reach(carla, campaign)
    assert (found.known.total, found.departments, found.silent_places) == (None, (), [])
    page = at(carla).get(f"/campaigns/{campaign.pk}/districts/15?language=en").content.decode()
    assert "Fewer than ten contacts: nothing is shown." in page


def test_the_page_has_the_map_with_its_table(called, campaign, carla, at):
    called(60, moment(MONDAY), ubigeo="15")
    page = at(carla).get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert f'<a href="/campaigns/{campaign.pk}/districts/15">Lima</a></th><td>50 to 99</td><td>yes</td>' in page
    assert ">Loreto</a></th><td>fewer than ten, or none</td><td>no</td>" in page
    assert page.count('<path class="cell"') == 25
    assert "Silent where the campaign was:</b> Cusco, Cusco; Madre de Dios." in page


def test_the_database_tells_no_count_and_no_other_span(called, campaign, carla, ana):
    called(37, moment(MONDAY), ubigeo="150101")
    called(1, moment(MONDAY), ubigeo="080101")
    with acting_as(carla.acting()), connection.cursor() as cursor:
        cursor.execute("select campaigns_bands_of_places(%s, %s, 'America/Lima', '{}')", [MONDAY, date(2026, 3, 9)])
        answer = cursor.fetchone()[0]
    assert "37" not in answer
    assert "080101" not in answer
    tuesday, tomorrow = MONDAY + timedelta(days=1), date(2099, 1, 5)
    for first, after in ((tuesday, date(2026, 3, 9)), (MONDAY, tuesday), (MONDAY, tomorrow)):
        with pytest.raises(DataError, match="whole weeks"), acting_as(carla.acting()), connection.cursor() as cursor:
            cursor.execute("select campaigns_bands_of_places(%s, %s, 'America/Lima', '{}')", [first, after])
    with pytest.raises(ProgrammingError, match="only a campaign officer"):
        reach(ana, campaign)

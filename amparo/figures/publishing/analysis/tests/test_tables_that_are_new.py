"""A table that is younger than an edition: nobody was counted for it then, and that is not zero."""

from datetime import date, datetime, timedelta

import pytest

from amparo.figures.publishing.analysis.answers import Published
from amparo.figures.publishing.models import Edition, Year
from amparo.figures.publishing.plan_indicators import published_values
from amparo.figures.publishing.rules import correct_edition, publish_edition
from amparo.figures.publishing.years import release_years
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.tables import Table
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.picklists import Type
from amparo.programme.plan.picklists import Frequency, PublishedMeasure

from .test_the_desk import at, shown

pytestmark = pytest.mark.django_db
YOUNG = Table.BY_TYPE


def in_quarter(number: int) -> datetime:
    return Quarter(date(2024, 3 * number - 2, 1)).ends - timedelta(days=40)


@pytest.fixture
def older(called, publish, publish_older) -> list[Edition]:
    """A year of sixty contacts in each quarter; the first two quarters did not count what they were about."""
    for number in range(1, 5):
        at = in_quarter(number)
        called(20, "15", type=Type.REPORT, at=at)
        called(40, "08", type=Type.CRISIS, at=at)
    return [*(publish_older(number, YOUNG) for number in (1, 2)), *(publish(number, {}) for number in (3, 4))]


def test_a_year_says_which_quarters_did_not_count_a_table(older, alba):
    tables = Year.objects.get().document["tables"]
    assert (tables[YOUNG]["total"], tables[YOUNG]["uncounted"]) == (120, ["2024-01-01", "2024-04-01"])
    assert (tables[Table.BY_DEPARTMENT]["total"], tables[Table.BY_DEPARTMENT]["uncounted"]) == (240, [])
    assert shown(alba, "contacts.contacts_by_type", "2024")["total"] == 120
    assert shown(alba, "contacts.contacts_by_department", "2024")["total"] == 240
    page = at(alba).get("/analysis?what=contacts.contacts_by_type&period=2024&language=en").content.decode()
    assert "Without January to March 2024: not counted yet." in page
    assert "Without July" not in page
    assert "<p>July to December 2024: <b>120</b></p>" in page
    address = "/analysis.csv?what=contacts.contacts_by_type&period=2024&language=en"
    assert "Without April to June 2024: not counted yet." in at(alba).get(address).content.decode("utf-8-sig")


def test_a_quarter_that_did_not_count_a_table_does_not_say_that_people_were_too_few(older, alba):
    page = at(alba).get("/analysis?what=contacts.contacts_by_type&period=2024-01-01&language=en").content.decode()
    assert "Without January to March 2024: not counted yet." in page
    assert "Nothing can be shown" not in page


def test_a_correction_counts_the_table_and_the_year_stays_without_it(older, alba, paula, bruno, now):
    publish_edition(correct_edition(older[0], "invented", by=paula, now=now), by=bruno, now=now)
    assert shown(alba, "contacts.contacts_by_type", "2024-01-01")["total"] == 60
    assert shown(alba, "contacts.contacts_by_type", "2024")["total"] == 120
    assert Year.objects.current().get().document["tables"][YOUNG]["uncounted"] == ["2024-01-01", "2024-04-01"]


def test_a_year_in_which_no_quarter_counted_a_table_says_so(called, publish_older, alba, now):
    for number in range(1, 5):
        called(40, "15", at=in_quarter(number))
        publish_older(number, YOUNG)
    release_years(now)
    page = at(alba).get("/analysis?what=contacts.contacts_by_type&period=2024&language=en").content.decode()
    assert "Without 2024: not counted yet." in page


def test_a_yearly_indicator_of_the_plan_says_which_quarters_did_not_count_it(called, publish, publish_older, alba):
    for number in range(1, 5):
        called(60, "15", at=in_quarter(number))
        if number == 1:
            publish_older(number, Table.BY_DEPARTMENT)
        else:
            publish(number, {})
    with acting_as(alba.acting()):
        (found,) = published_values(Published.read(), PublishedMeasure.CONTACTS, Frequency.YEARLY)
    assert (found.value, found.as_json(PublishedMeasure.CONTACTS)["uncounted"]) == (180, ["2024-01-01"])

"""Editions of one month: protected, corrected and read like those of a quarter, and never beside their quarter."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from amparo.figures.publishing.analysis.answers import Published, answer
from amparo.figures.publishing.analysis.breakdowns import BREAKDOWNS
from amparo.figures.publishing.models import CrossedYear, Edition, Year
from amparo.figures.publishing.rules import correct_edition, draft_edition, publish_edition
from amparo.figures.publishing.sheets import ReadableEdition
from amparo.figures.snapshot.months import CalendarYear, Month, Months, Quarter, period_from_code
from amparo.figures.snapshot.rules import count_months, newest_countable_month
from amparo.figures.snapshot.tables import BY_MONTHS, OF_A_YEAR, Table
from amparo.foundation.core.refusal import Refused

from .test_pages import at

pytestmark = pytest.mark.django_db
PLACES = {"15": 30, "08": 20, "25": 3, "": 40}
BY_DEPARTMENT = BREAKDOWNS["contacts.contacts_by_department"]

type Publishes = Callable[..., Edition]


@pytest.fixture
def publish(called, paula, bruno, now, django_capture_on_commit_callbacks) -> Publishes:
    """Record these contacts in the last month of a period, and publish its edition."""

    def publish_one(period: Months, places: dict[str, int]) -> Edition:
        for ubigeo, many in places.items():
            called(many, ubigeo, at=period.ends - timedelta(days=10))
        with django_capture_on_commit_callbacks(execute=True):
            return publish_edition(draft_edition(period, by=paula, now=now), by=bruno, now=now)

    return publish_one


def shown(what: str, period: str) -> dict[str, int | None]:
    published = Published.read()
    found = answer(published, BREAKDOWNS[what], next(it for it in published.periods if it.code == period))
    return {row.cell: row.count for row in found.rows if row.count is not None} | {"total": found.total}


def test_a_month_is_drafted_published_and_read_by_everybody(
    called, paula, bruno, now, django_capture_on_commit_callbacks
):
    month = newest_countable_month(now)
    for ubigeo, many in PLACES.items():
        called(many, ubigeo, at=month.ends - timedelta(days=10))
    hers, his = at(paula), at(bruno)
    offered = hers.get("/editions?language=en").content.decode()
    assert f'<option value="{month.code}">{month}</option>' in offered
    assert "Months are published one by one or as their quarter, never both." in offered
    made = hers.post("/editions/draft", {"period": month.code}).headers["Location"]
    with django_capture_on_commit_callbacks(execute=True):
        his.post(f"{made}/publish")
    cells = Edition.objects.get().document["tables"]["contacts_by_department"]["cells"]
    assert (cells["15"], cells["08"], cells["25"], cells["not_said"]) == (30, 20, None, None)
    public = Client()
    page = public.get("/figures?language=en").content.decode()
    assert f"<b>{month}.</b>" in page
    assert "<dd>95</dd>" in page
    assert f",{month.first},{month.first_day_after}," in public.get("/figures.csv").content.decode()
    about = json.loads(public.get("/figures.jsonld").content)
    assert about["dct:accrualPeriodicity"]["@id"].endswith("/MONTHLY")
    assert about["dct:temporal"]["dcat:endDate"]["@value"] == (month.first_day_after - timedelta(days=1)).isoformat()
    assert str(Quarter.of(month.first)) not in hers.get("/editions?language=en").content.decode().split("<form")[-1]


def test_a_month_is_not_divided_by_months(publish):
    edition = publish(Month(date(2024, 5, 1)), PLACES)
    assert set(edition.document["tables"]) == {
        table.value for table in Table if table not in BY_MONTHS and table not in OF_A_YEAR
    }
    assert not set(edition.snapshot.counts) & set(BY_MONTHS)


@pytest.mark.parametrize("length", [0, 2, 12])
def test_the_database_counts_no_other_span(paula, now, length):
    from django.db import IntegrityError, connection

    from amparo.foundation.core.actor import acting_as

    with pytest.raises(IntegrityError), acting_as(paula.acting()), connection.cursor() as cursor:
        cursor.execute("select snapshot_take('2024-01-01', %s, 'America/Lima', now())", [length])


def test_a_month_is_counted_three_days_after_its_end(paula):
    from datetime import UTC

    may = Month(date(2024, 5, 1))
    early, late = datetime(2024, 6, 4, 4, 59, tzinfo=UTC), datetime(2024, 6, 4, 5, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="three days after their end"):
        count_months(may, by=paula, now=early)
    assert (newest_countable_month(early), newest_countable_month(late)) == (may.previous, may)


def test_a_month_that_cannot_be_shown_says_so(publish, paula, now):
    month = newest_countable_month(now)
    edition = publish(month, {"15": 4, "08": 3})
    assert ReadableEdition.of(edition.document).shows_nothing
    page = Client().get("/figures?language=en").content.decode()
    assert f"<b>{month}.</b>" in page
    assert "Of these months no number can be shown: too few people, and somebody could be recognised." in page
    assert "Nothing can be shown" in at(paula).get(f"/editions/{edition.pk}?language=en").content.decode()


def test_a_small_month_never_takes_the_page_of_figures_from_a_quarter(publish, now):
    month = newest_countable_month(now)
    earlier = Quarter(date(2024, 1, 1))
    publish(earlier, PLACES)
    later = publish(month, {"15": 4, "08": 3})
    public = Client()
    page = public.get("/figures?language=en").content.decode()
    assert f"<b>{earlier}.</b>" in page
    assert f'There are newer months: <a href="/figures/{later.pk}?language=en">{month}</a>' in page
    assert f",{earlier.first},{earlier.first_day_after}," in public.get("/figures.csv").content.decode()


def test_a_quarter_that_shows_no_cell_does_not_lead_either(publish):
    first, second = Quarter(date(2024, 1, 1)), Quarter(date(2024, 4, 1))
    publish(first, PLACES)
    empty = publish(second, {"15": 4, "08": 3})
    page = Client().get("/figures?language=en").content.decode()
    assert f"<b>{first}.</b>" in page
    assert f'<a href="/figures/{empty.pk}?language=en">{second}</a>' in page


def test_a_correction_is_of_the_same_month_and_the_newest_is_read(publish, called, paula, bruno, now):
    month = newest_countable_month(now)
    first = publish(month, PLACES)
    called(300, "08", at=month.ends - timedelta(days=9))
    called(200, "15", at=month.ends - timedelta(days=9))
    called(50, at=month.ends - timedelta(days=9))
    correction = publish_edition(correct_edition(first, "invented", by=paula, now=now), by=bruno, now=now)
    assert (correction.period, list(Edition.objects.last_editions_of(month.first.year))) == (month, [correction])
    assert shown("contacts.contacts_by_department", month.code) == {"15": 230, "08": 320, "total": 645}


def test_a_quarter_told_by_months_is_their_sum_and_hides_what_one_of_them_hides(publish):
    """Ucayali has 12, 1 and 11 in three months: with the quarter, readers could compute the 1."""
    months = Quarter(date(2024, 4, 1)).months
    for month, ucayali in zip(months[:2], (12, 1), strict=True):
        publish(month, {**PLACES, "25": ucayali})
    assert "2024-04-01" not in {it.code for it in Published.read().periods}
    publish(months[2], {**PLACES, "25": 11})
    assert [shown("contacts.contacts_by_department", month.code).get("25") for month in months] == [10, None, 10]
    quarter = shown("contacts.contacts_by_department", "2024-04-01")
    assert quarter == {"15": 90, "08": 60, "total": 290}  # 100, 90 and 100
    assert shown("contacts.months", "2024-04-01") == {"2024-04": 100, "2024-05": 90, "2024-06": 100, "total": 290}


def test_a_year_told_by_months_and_quarters_is_released_when_each_month_is(publish):
    for month in Quarter(date(2024, 1, 1)).months:
        publish(month, {**PLACES, "25": 3})
    for first in (4, 7):
        publish(Quarter(date(2024, first, 1)), {**PLACES, "25": 4})
    assert not Year.objects.exists()
    publish(Quarter(date(2024, 10, 1)), {**PLACES, "25": 11})
    year = Year.objects.get()
    assert len(year.document["editions"]) == 6
    cells = year.document["tables"]["contacts_by_department"]["cells"]
    assert (cells["15"], cells["08"]) == (180, 120)
    # Five parts hide 3, 3, 3, 4 and 4 from Ucayali, one shows 11: each of the five may be anything from none to nine.
    assert cells["25"] == 30
    assert CrossedYear.objects.filter(year=2024).exists()
    assert shown("contacts.quarters", "2024")["2024-01-01"] == 285


def test_a_period_is_read_back_from_its_code():
    for period in (Month(date(2024, 5, 1)), Quarter(date(2024, 4, 1)), CalendarYear(date(2024, 1, 1))):
        assert period_from_code(period.code) == period
    for wrong in ("2024-05-01", "2024-05-02", "2024-13", "20240401", "x", ""):
        with pytest.raises(ValueError, match=r"isoformat|month|2024"):
            period_from_code(wrong)


def test_the_page_of_figures_draws_a_line_over_the_quarters_with_a_gap_where_none_is_published(publish):
    for month in Quarter(date(2024, 1, 1)).months:
        publish(month, PLACES)
    assert "chart trend" not in Client().get("/figures?language=en").content.decode()  # one point is no line
    publish(Quarter(date(2024, 7, 1)), PLACES)
    publish(Quarter(date(2024, 10, 1)), {"15": 60, "": 40})
    page = Client().get("/figures?language=en").content.decode()
    assert "Conversations in October to December 2024: about 100; in the quarter before, about 95." in page
    drawn = page[page.index("chart trend") : page.index("</details>", page.index("chart trend"))]
    assert re.findall(r'points="([^"]+)"', drawn) == ["44,22", "233,86 328,84"]  # 285 are the sum of three months
    counts = re.findall(r'<th scope="row">([^<]+)</th><td class="n">([^<]+)</td>', drawn)
    assert [count for _quarter, count in counts] == ["285", "not shown", "95", "100"]
    edition = Edition.objects.latest("pk")
    assert "chart trend" not in Client().get(f"/figures/{edition.pk}?language=en").content.decode()


def test_the_map_says_which_numbers_each_shade_stands_for(publish):
    publish(Quarter(date(2024, 7, 1)), {"15": 60, "08": 22, "21": 20, "": 40})
    page = Client().get("/figures?language=en").content.decode()
    legend = page[page.index('<ul class="shades"') : page.index("</ul>", page.index('<ul class="shades"'))]
    assert re.findall(r"</span> ([^<]+)</li>", legend) == ["20", "60"]  # 22 is rounded, and both 20 have one shade

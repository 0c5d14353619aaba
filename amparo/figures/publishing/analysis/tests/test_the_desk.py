"""An analyst chooses measure, breakdown and period; the page answers from published figures alone."""

import csv
import io
import re
from xml.etree import ElementTree

import pytest
from django.test import Client
from openpyxl import load_workbook
from PIL import Image

from amparo.figures.publishing.analysis.answers import Published, Row, answer
from amparo.figures.publishing.analysis.breakdowns import BREAKDOWNS
from amparo.figures.publishing.analysis.periods import Period, periods
from amparo.figures.publishing.analysis.related import wider_answers
from amparo.figures.publishing.models import Edition, Year
from amparo.figures.publishing.rules import correct_edition, publish_edition
from amparo.figures.snapshot.models import Snapshot
from amparo.figures.snapshot.tables import BY_MONTHS, OF, Table
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as

pytestmark = pytest.mark.django_db
BY_DEPARTMENT = BREAKDOWNS["contacts.contacts_by_department"]


def at(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def shown(user: User, what: str, period: str) -> dict[str, int | None]:
    """What this person reads by cell, with the total."""
    with acting_as(user.acting()):
        published = Published.read()
        chosen = next(it for it in published.periods if it.code == period)
        found = answer(published, BREAKDOWNS[what], chosen)
    return {row.cell: row.count for row in found.rows if row.count is not None} | {"total": found.total}


@pytest.mark.parametrize("table", [table for table in Table if table not in BY_MONTHS])
def test_every_published_table_is_a_breakdown_with_words(table):
    found = [breakdown for breakdown in BREAKDOWNS.values() if breakdown.by == table]
    assert [breakdown.label for breakdown in found] == [str(OF[table].by)]
    assert OF[table].by


def test_an_analyst_reads_a_quarter_and_a_year(a_year, alba):
    assert shown(alba, "contacts.contacts_by_department", "2024-01-01") == {"15": 40, "08": 20, "25": 10, "total": 135}
    assert shown(alba, "contacts.contacts_by_department", "2024") == {"15": 220, "08": 90, "22": 15, "total": 615}


def test_one_planted_person_is_not_what_the_year_minus_its_quarters_leaves(a_year, alba):
    """From Ucayali 11, 1, 12 and 13: three quarters show it, and so the year must not."""
    quarters = [shown(alba, "contacts.contacts_by_department", edition.first_day.isoformat()) for edition in a_year]
    assert [quarter.get("25") for quarter in quarters] == [10, None, 10, 15]
    assert "25" not in shown(alba, "contacts.contacts_by_department", "2024")


def test_the_year_shows_what_each_quarter_hides_where_it_gives_none_away(a_year, alba):
    """From San Martín 4, 5, 3 and 4: sixteen in the year, and each quarter of it may be anything from none to nine."""
    assert all(edition.document["tables"]["contacts_by_department"]["cells"]["22"] is None for edition in a_year)
    assert shown(alba, "contacts.contacts_by_department", "2024")["22"] == 15


def test_months_quarters_and_years_follow_in_time(a_year, alba):
    assert shown(alba, "contacts.quarters", "2024") == {
        "2024-01-01": 135, "2024-04-01": 155, "2024-07-01": 155, "2024-10-01": 165, "total": 615
    }  # fmt: skip
    assert shown(alba, "contacts.years", "2024") == {"2024": 615, "total": 615}
    assert shown(alba, "contacts.months", "2024-01-01") == {"total": 135}  # all in one month: the others are empty


def test_a_year_is_released_with_its_last_quarter(publish, alba):
    from .conftest import QUARTERS

    for number, places in enumerate(QUARTERS[:3], start=1):
        publish(number, places)
        assert not Year.objects.exists()
    publish(4, QUARTERS[3])
    with acting_as(alba.acting()):
        assert [year.year for year in Year.objects.all()] == [2024]


def test_an_analyst_reads_no_snapshot_and_no_draft(a_year, alba, paula, now):
    from amparo.figures.publishing.rules import draft_edition
    from amparo.figures.snapshot.rules import newest_countable_quarter

    draft_edition(newest_countable_quarter(now), by=paula, now=now)
    with acting_as(alba.acting()):
        assert not Snapshot.objects.exists()
        assert Edition.objects.count() == len(a_year)


def test_a_correction_changes_its_quarter_and_supersedes_the_year(a_year, called, alba, paula, bruno, now):
    called(100, "15", at=a_year[0].period.ends.replace(day=15, month=2))
    called(100, "", at=a_year[0].period.ends.replace(day=15, month=2))
    publish_edition(correct_edition(a_year[0], "invented", by=paula, now=now), by=bruno, now=now)
    assert shown(alba, "contacts.contacts_by_department", "2024-01-01")["15"] == 140
    year = shown(alba, "contacts.contacts_by_department", "2024")
    assert (year["15"], year["total"]) == (320, 715)
    assert (year["08"], year["22"]) == (90, 15)  # as they were
    with acting_as(alba.acting()):
        first, last = Year.objects.order_by("pk")
    assert (last.supersedes, first.document["tables"]["contacts_by_department"]["cells"]["15"]) == (first, 220)
    page = at(alba).get("/analysis?what=contacts.contacts_by_department&period=2024&language=en").content.decode()
    assert "these numbers supersede the first ones of the year" in page
    assert "so the rows may not add up to the total" in page
    assert "<li>invented</li>" in page


def test_the_page_shows_the_answer_its_definition_and_what_a_wider_period_shows(a_year, alba):
    page = at(alba).get("/analysis?what=contacts.contacts_by_department&period=2024-04-01&language=en").content.decode()
    assert re.search(r"Cusco</th><td class=\"n\">30<", page)
    assert re.search(r"Ucayali</th><td class=\"n\">not shown<", page)
    assert "One conversation, by telephone or in writing" in page
    assert "2 of 26 can be shown" in page
    assert "Contacts by department: 2024" in page
    assert "4 of 26 can be shown" in page  # of one the least
    assert "<svg" in page


def test_the_page_of_a_young_line_says_which_period_can_be_shown(publish, alba):
    for number in range(1, 5):
        publish(number, {"15": 8, "08": 5})
    page = at(alba).get("/analysis?what=contacts.contacts_by_department&period=2024-01-01&language=en").content.decode()
    assert "Nothing can be shown" in page
    assert "Contacts by department: 2024" in page
    with acting_as(alba.acting()):
        published = Published.read()
        found = wider_answers(published, answer(published, BY_DEPARTMENT, published.periods[0]))
    assert [(it.period.code, it.total, it.shown_count) for it in found] == [("2024", 50, 1)]


def test_a_quarter_that_is_too_small_is_left_out_of_the_year(publish, alba):
    for number, many in enumerate((3, 40, 40, 40), start=1):
        publish(number, {"15": many, "": many})
    assert shown(alba, "contacts.quarters", "2024")["total"] == 240
    page = at(alba).get("/analysis?what=contacts.quarters&period=2024&language=en").content.decode()
    assert "Without January to March 2024: too few people." in page


def test_no_source_leads_to_a_sheet_that_is_not_drawn(publish, alba):
    editions = [publish(number, {"15": many, "": many}) for number, many in enumerate((3, 40, 40, 40), start=1)]
    page = at(alba).get("/analysis?what=contacts.quarters&period=2024&language=en").content.decode()
    assert re.findall(r'href="/figures/(\d+)#contacts_by_department"', page) == [str(it.pk) for it in editions[1:]]
    text = at(alba).get("/analysis.csv?what=contacts.quarters&period=2024&language=en").content.decode("utf-8-sig")
    note = next(csv.DictReader(io.StringIO(text)))["Note"]
    assert f"Source: Edition {editions[1].pk}, snapshot {editions[1].snapshot_id}; " in note
    query = f"what=contacts.contacts_by_department&period={editions[0].period.code}&language=en"
    assert "/figures/" not in at(alba).get(f"/analysis?{query}").content.decode().partition("<main")[2]
    text = at(alba).get(f"/analysis.csv?{query}").content.decode("utf-8-sig")
    note = next(csv.DictReader(io.StringIO(text)))["Note"]
    assert "Source" not in note
    assert not note.endswith(" .")


def test_the_files_hold_what_the_page_shows(a_year, alba):
    address = "?what=contacts.contacts_by_department&period=2024&language=en"
    text = at(alba).get(f"/analysis.csv{address}").content.decode("utf-8-sig")
    rows = {row["Part"]: row["How many"] for row in csv.DictReader(io.StringIO(text))}
    assert (rows["In all"], rows["Lima"], rows["Ucayali"], rows["Tumbes"]) == ("615", "220", "33", "")
    notes = {row["Part"]: row["Note"] for row in csv.DictReader(io.StringIO(text))}
    assert (notes["Lima"], notes["Ucayali"]) == ("", "at least: a part of it is not shown")
    sheet = load_workbook(io.BytesIO(at(alba).get(f"/analysis.xlsx{address}").content)).active
    assert {row[3]: row[4] for row in sheet.iter_rows(values_only=True)}["Lima"] == 220
    drawn = ElementTree.fromstring(at(alba).get(f"/analysis.svg{address}").content)
    words = [it.text for it in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert words[words.index("Lima") + 1] == "220"
    assert words[words.index("Ucayali, at least") + 1] == "33"
    assert words[words.index("Tumbes") + 1] == "not shown"
    written = " ".join(words)
    for definition in (
        "Contacts by department: 2024",
        "Unit: One conversation",
        "When: 2024",
        "Of which: Those in which",
    ):
        assert definition in written
    picture = Image.open(io.BytesIO(at(alba).get(f"/analysis.png{address}").content)).convert("RGB")
    assert picture.width == 2 * int(drawn.get("width", ""))
    bars = [it for it in drawn.iter("{http://www.w3.org/2000/svg}rect") if it.get("fill") == "#6d8fc0"]
    assert len(bars) == 4  # as many as are shown
    at_the_bar = tuple(2 * round(float(bars[0].get(side, "")) + 2) for side in ("x", "y"))
    assert picture.getpixel(at_the_bar) == (0x6D, 0x8F, 0xC0)


@pytest.mark.parametrize(
    "query", ["what=contacts.names", "period=2024-02-01", "what=persons.contacts_by_type", "what="]
)
def test_what_is_not_published_is_refused(a_year, alba, query):
    assert at(alba).get(f"/analysis?{query}").status_code == 422
    assert at(alba).get(f"/analysis.csv?{query}").status_code == 409


def test_before_the_first_edition_the_page_says_so(alba):
    assert "No figures are published yet." in at(alba).get("/analysis?language=en").content.decode()


def test_an_analyst_of_another_kind_of_institution_is_refused(a_year):
    for kind in (Kind.NGO, Kind.POLICE, Kind.SHELTER):
        agency = Agency.objects.create(name=f"Invented {kind}", kind=kind)
        somebody = User.objects.create(username=f"x-{kind}", role=Role.ANALYST, agency=agency)
        assert at(somebody).get("/analysis").status_code == 404


def test_every_breakdown_and_period_answers_without_a_number_below_ten(a_year, alba, paula):
    for user in (alba, paula):
        with acting_as(user.acting()):
            published = Published.read()
            answers = [answer(published, it, period) for it in BREAKDOWNS.values() for period in published.periods]
        counts = [row.count for it in answers for row in it.rows if row.count is not None]
        assert len(answers) == len(BREAKDOWNS) * 5
        assert counts
        assert min(counts) >= 10


def test_spans_are_of_years_that_follow_each_other():
    assert [it.code for it in periods([], [2021, 2023, 2024])] == ["2024", "2023", "2021", "2023-2024"]
    assert Period(2023, 2023).is_within(Period(2023, 2024))
    assert not Period(2021, 2021).is_within(Period(2023, 2024))


def test_a_year_shows_at_least_what_each_of_its_quarters_shows(publish, alba):
    """Each quarter shows a place of its own, and the year may show none of them: each is hidden in three quarters."""
    for number, place in enumerate(("15", "08", "16", "25"), start=1):
        publish(number, {place: 30, "": 30})
    with acting_as(alba.acting()):
        published = Published.read()
        quarter = answer(published, BY_DEPARTMENT, published.periods[0])
        year = answer(published, BY_DEPARTMENT, next(it for it in published.periods if it.code == "2024"))
        found = wider_answers(published, quarter)
    assert {row.cell: row.at_least for row in year.rows if row.known} == {"15": 28, "08": 28, "16": 28, "25": 28}
    assert {row.count for row in year.rows} == {None}, "control: not one of them is shown as the year's own number"
    assert year in found


def test_at_least_is_never_more_than_there_were(publish, alba):
    """From Lima 13 in each quarter, shown as 15: 52 in all, of which the sum of what is shown would make 60."""
    for number in range(1, 5):
        publish(number, {"15": 13, "08": 1 if number == 2 else 13, "": 40})
    with acting_as(alba.acting()):
        published = Published.read()
        year = answer(published, BY_DEPARTMENT, next(it for it in published.periods if it.code == "2024"))
    (cusco,) = (row for row in year.rows if row.cell == "08")
    assert (cusco.count, cusco.at_least) == (None, 39)


def test_a_wider_period_never_shows_less_than_one_within_it(a_year, called, alba, paula, bruno, now):
    """Of every breakdown and every pair of periods; also once an edition is corrected.

    A number that is shown stands for two less at the least, and never for fewer than ten.
    """

    def least(row: Row) -> int | None:
        return row.at_least if row.count is None else max(10, row.count - 2)

    called(100, "15", at=a_year[0].period.ends.replace(day=15, month=2))
    publish_edition(correct_edition(a_year[0], "invented", by=paula, now=now), by=bruno, now=now)
    with acting_as(alba.acting()):
        published = Published.read()
        places = [it for it in BREAKDOWNS.values() if not it.is_in_time]
        answers = {
            (it.code, period.code): answer(published, it, period) for it in places for period in published.periods
        }
    compared = 0
    for narrow in published.periods:
        for wide in (it for it in published.periods if it != narrow and narrow.is_within(it)):
            for it in places:
                more = {row.cell: least(row) for row in answers[it.code, wide.code].rows}
                for row in answers[it.code, narrow.code].rows:
                    if (less := least(row)) is not None:
                        assert more[row.cell] is not None
                        assert more[row.cell] >= less
                        compared += 1
    assert compared > 8

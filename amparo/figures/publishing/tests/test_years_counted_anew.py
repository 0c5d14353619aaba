"""Persons and cases, which are counted for a year alone: what it shows, and that no reader computes a small count."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import product

import pytest
from django.test import Client

from amparo.figures.protection.rules import protect
from amparo.figures.publishing.analysis.answers import Published, answer
from amparo.figures.publishing.analysis.breakdowns import BREAKDOWNS
from amparo.figures.publishing.analysis.periods import Period
from amparo.figures.publishing.models import CrossedYear, Edition, Year
from amparo.figures.publishing.public import rewrite
from amparo.figures.publishing.rules import publish_edition
from amparo.figures.publishing.safe_tables import table_as_json
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.tables import OF_A_YEAR, Table
from amparo.foundation.core.small_counts import SMALLEST

from .test_pages import at

pytestmark = pytest.mark.django_db
AGE, BOTH = Table.PERSONS_BY_AGE.value, "persons_by_age_and_gender"
QUARTERS = [Quarter(date(2024, month, 1)) for month in (1, 4, 7, 10)]


def persons(child: int, adult: int) -> dict[str, dict[str, int]]:
    return {
        AGE: {"child": child, "adult": adult}, "persons_by_gender": {"feminine": child + adult},
        BOTH: {"child>feminine": child, "adult>feminine": adult}, "contacts_by_department": {"15": 200, "08": 100},
    }  # fmt: skip


@pytest.fixture
def publish(snapshot_of, paula, bruno, now) -> Callable[..., Edition]:
    """Publish an edition with these counts. `shows`: the tables of an edition of an earlier version of Amparo."""

    def made(counts, of: Quarter, corrects: Edition | None = None, shows: Sequence[Table] = ()) -> Edition:
        draft = Edition.objects.create(
            first_day=of.first, snapshot=snapshot_of(counts, of), corrects=corrects,
            why="invented" if corrects else "", drafted_at=now, drafted_by=paula,
        )  # fmt: skip
        if not shows:
            return publish_edition(draft, by=bruno, now=now)
        tables = {it.value: table_as_json([protect(draft.snapshot.counts_of(it))]) for it in shows}
        Edition.objects.filter(pk=draft.pk).update(
            document={"tables": tables, "snapshot": 1, "invented": True}, published_at=now, published_by=bruno
        )
        return Edition.objects.get(pk=draft.pk)

    return made


def ages() -> dict[str, int | None]:
    return Year.objects.current().get().document["tables"][AGE]["cells"]


def test_a_year_shows_what_each_of_its_quarters_would_hide(publish):
    editions = [publish(persons(6, 20), quarter) for quarter in QUARTERS]
    for edition in editions:
        assert not set(edition.document["tables"]) & {table.value for table in OF_A_YEAR}
        assert edition.document["tables"]["contacts_by_department"]["total"] == 300
    year = Year.objects.get().document["tables"]
    assert set(year) >= {AGE, "persons_by_route", "cases_by_closing", "contacts_by_department"}
    assert (year[AGE]["total"], year[AGE]["cells"]["child"], year[AGE]["cells"]["adult"]) == (105, 25, None)
    assert year[AGE]["without"] == year[AGE]["uncounted"] == []


def test_a_correction_of_few_leaves_the_number_of_the_year_as_it_was(publish):
    first = [publish(persons(30, 80), quarter) for quarter in QUARTERS]
    assert ages()["child"] == 120
    again = publish(persons(33, 80), QUARTERS[1], first[1])
    assert ages()["child"] == 120
    publish(persons(33 + 50, 80 + 200), QUARTERS[1], again)
    assert ages()["child"] == 175  # 30 + 83 + 30 + 30
    assert Year.objects.current().get().revision == 3


def test_a_correction_before_the_year_is_released_is_protected_as_if_it_were_of_the_year(publish):
    first = publish(persons(30, 80), QUARTERS[0])
    publish(persons(33, 80), QUARTERS[0], first)
    for quarter in QUARTERS[1:]:
        publish(persons(30, 80), quarter)
    assert ages()["child"] == 120


def test_a_year_that_began_with_persons_in_its_quarters_stays_their_sum(publish):
    """What was published is known: 6 of 26 were hidden there, and the year must not give them away."""
    tables = [Table(AGE), Table.BY_DEPARTMENT]
    counts = [(6, 20), (40, 60), (40, 60), (40, 60)]
    publish(persons(*counts[0]), QUARTERS[0], shows=tables)
    others = [publish(persons(*each), quarter) for each, quarter in zip(counts[1:], QUARTERS[1:], strict=True)]
    assert all(set(map(str, OF_A_YEAR)) <= set(it.document["tables"]) for it in others)
    written = Year.objects.get().document["tables"][AGE]
    assert "is_of_the_year" not in written
    assert written["cells"]["child"] is None  # 126 less three times 40 would be six
    assert sum(child for child, _adult in counts) >= SMALLEST  # the control: alone it would be shown


def test_the_year_s_crossed_table_has_the_year_s_own_rows_and_columns(publish):
    for quarter in QUARTERS:
        publish(persons(6, 20), quarter)
    crossed = CrossedYear.objects.get(crossing=BOTH).document
    assert set(crossed["rows"]) <= {"child", "adult", "unknown", "rest"}
    shown = dict(zip(crossed["rows"], crossed.get("row_sums", ()), strict=False))
    assert all(ages()[row] == total for row, total in shown.items() if row != "rest")


def test_no_count_below_ten_follows_from_a_year_and_its_correction():
    """All counts of three cells on a smaller scale: what is published is compatible with 0 to 9 of each hidden cell."""
    behind: dict[object, set[tuple[int, ...]]] = {}
    for counts in product(range(26), repeat=3):
        safe = protect(dict(zip("abc", counts, strict=True)))
        behind.setdefault((tuple(safe.shown.items()), safe.total), set()).add(counts)
    for (shown, total), possible in behind.items():
        hidden = [place for place, cell in enumerate("abc") if cell not in dict(shown)]
        for place in hidden:
            small = {counts[place] for counts in possible if counts[place] < SMALLEST}
            if small and total is not None and total < 26:  # above, the scale cuts off what is possible
                assert small == set(range(SMALLEST))


def test_pages_show_contacts_of_the_quarter_and_persons_of_the_year(publish):
    for quarter in QUARTERS:
        publish(persons(6, 20), quarter)
    publish(persons(6, 20), Quarter(date(2025, 1, 1)))
    rewrite()
    page = Client().get("/figures?language=en").content.decode()
    assert "January to March 2025" in page
    assert re.search(r'<h2 id="of-persons">[^<]*, 2024</h2>.*id="persons_by_age"', page, re.DOTALL)
    assert page.count('id="of-contacts"') == 1
    year = Client().get("/figures/2024-1?language=en").content.decode()
    assert "persons and cases are counted for the whole year" in year
    assert "In all" in year


def test_the_desk_says_that_persons_are_counted_for_years(publish):
    for quarter in QUARTERS:
        publish(persons(6, 20), quarter)
    published, breakdown = Published.read(), BREAKDOWNS[f"persons.{AGE}"]
    narrow = answer(published, breakdown, Period(2024, 2024, QUARTERS[0]))
    wide = answer(published, breakdown, Period(2024, 2024))
    assert narrow.is_of_years_alone
    assert narrow.uncounted == ()
    assert not wide.is_of_years_alone
    assert {row.cell for row in narrow.rows if row.known is not None} <= {
        row.cell for row in wide.rows if row.known is not None
    }
    assert wide.known_total == 105


def test_the_publisher_reads_where_the_persons_of_a_quarter_are_shown(publish, paula):
    of_contacts = publish(persons(6, 20), QUARTERS[0])
    first, second = (Quarter(date(2023, month, 1)) for month in (1, 4))
    publish(persons(20, 20), first, shows=[Table.PERSONS_BY_AGE])
    of_all = publish(persons(20, 20), second)
    for edition, says_so in ((of_contacts, True), (of_all, False)):
        page = at(paula).get(f"/editions/{edition.pk}?language=en").content.decode()
        assert ("Persons and cases are counted with the year" in page) is says_so


def test_wider_never_shows_less(year):
    """Of every breakdown, what a quarter shows its year shows as well, and never less of it."""
    published = Published.read()
    for breakdown in (it for it in BREAKDOWNS.values() if not it.is_in_time):
        wide = {row.cell: row.known or 0 for row in answer(published, breakdown, Period(2024, 2024)).rows}
        for quarter in QUARTERS:
            for row in answer(published, breakdown, Period(2024, 2024, quarter)).rows:
                assert (row.known or 0) - 2 <= wide[row.cell]

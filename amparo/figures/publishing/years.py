"""The figures of a calendar year, released when each of its months is in a published edition.

Contacts and reports are the sum of the editions, persons and cases are counted for the year (decisions 0034, 0086).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from amparo.figures.protection.rules import Counts, protect_year, revise_year
from amparo.figures.snapshot.months import CalendarYear
from amparo.figures.snapshot.tables import BY_MONTHS, OF_A_YEAR, Table

from .models import CrossedYear, Edition, Year, YearCode
from .safe_tables import Document, changed_numbers, protect_in_order, protected_tables, table_as_json

MONTHS = CalendarYear.length


def release_years(now: datetime) -> list[Year]:
    """Release every year whose months are all published, and release a year again if an edition of it was corrected.

    Returns the new releases.
    """
    released = []
    newest = {year.year: year for year in Year.objects.current()}
    for year in sorted({day.year for day in Edition.objects.published().values_list("first_day", flat=True)}):
        first = list(Edition.objects.first_editions_of(year).select_related("snapshot"))
        last = list(Edition.objects.last_editions_of(year).select_related("snapshot"))
        before = newest.get(year)
        if sum(it.months for it in first) == MONTHS and (
            before is None or before.document["editions"] != [it.pk for it in last]
        ):
            document = {
                "editions": [edition.pk for edition in last],
                "why": [edition.why for one in last if one.corrects_id for edition in one.chain_of_corrections[1:]],
                "tables": year_tables(first, last),
            }
            found, is_new = Year.objects.get_or_create(
                year=year, supersedes=before, defaults={"document": document, "released_at": now}
            )
            released += [found] if is_new else []
    return released


def public_document(release: Year) -> Document:
    """Return the public document of a released year: it has the form of an edition, and names the editions it sums."""
    editions = release.document["editions"]
    found = Edition.objects.filter(pk__in=editions).values_list("pk", "document")
    documents = {number: document or {} for number, document in found}
    before, tables = release.supersedes, release.document["tables"]
    return {
        "edition": release.code,
        "first_day": f"{release.year}-01-01",
        "months": MONTHS,
        "published_on": timezone.localtime(release.released_at).date().isoformat(),
        "editions": editions,
        "snapshot": ", ".join(str(documents[number]["snapshot"]) for number in editions),
        "invented": any(documents[number]["invented"] for number in editions),
        "corrects": before and before.code,
        "why": "\n".join(release.document.get("why", ())),
        "changes": changed_numbers(before.document["tables"], tables) if before else [],
        "tables": tables,
        **_crossed_documents(release),
    }


def _crossed_documents(release: Year) -> dict[str, Any]:
    """Return the crossed tables for the first release of a year. For a later one, return the code of the first."""
    released = CrossedYear.objects.filter(year=release.year).order_by("pk")
    shown = {it.crossing: it.document for it in released if it.document["rows"]}
    if release.supersedes is None:
        return {"crossed": shown}
    return {"crossed_in": str(YearCode(release.year, 1))} if shown else {}


def year_tables(first: Sequence[Edition], last: Sequence[Edition]) -> dict[str, Any]:
    """Return the tables of the year as JSON values. `first` and `last`: first and newest edition of each of its parts.

    A table that no edition shows is counted for the year alone. Of a table that editions show, a quarter whose first
    edition did not count it is left out for good: what was published once is never counted again.
    """
    tables: dict[str, Any] = {}
    parts = [
        (protected_tables(one), protected_tables(other) if other != one else None)
        for one, other in zip(first, last, strict=True)
    ]
    is_of_the_year = not shows_persons(first)
    for table in Table:
        if table in BY_MONTHS:  # the page of a year shows the months of its editions
            continue
        if is_of_the_year and table in OF_A_YEAR:
            safe = [protect_in_order([*_counts_of_year(first, last, table, cell)]) for cell in table.partitions]
            tables[table.value] = {**table_as_json(safe), "without": [], "uncounted": [], "is_of_the_year": True}
            continue
        counted = [place for place, edition in enumerate(first) if table in edition.tables]
        if not counted:
            continue
        partitions = []
        for number, cell in enumerate(table.partitions):
            year = protect_year([first[place].snapshot.partition_counts(table, cell) for place in counted])
            if first != last:
                of_all = [parts[place] for place in counted]
                year = revise_year(year, [(was[table][number], (now or was)[table][number]) for was, now in of_all])
            partitions.append(year)
        tables[table.value] = {
            **table_as_json([year.table for year in partitions]),
            "without": [first[counted[place]].period.code for place in partitions[0].without],
            "uncounted": [it.period.code for place, it in enumerate(first) if place not in counted],
        }
    return tables


def shows_persons(editions: Sequence[Edition]) -> bool:
    """Whether one of these editions shows a table that is counted for a year alone otherwise."""
    return any(table in OF_A_YEAR for edition in editions for table in edition.tables)


def _counts_of_year(first: Sequence[Edition], last: Sequence[Edition], table: Table, cell: str) -> Iterator[Counts]:
    """Yield the counts of a partition in the year: as first counted, and then after each correction.

    Each is protected beside those before it. A correction that came before the year was released counts as well: that
    hides no less.
    """
    counts = {it.period: it.snapshot.partition_counts(table, cell) for it in first}
    order = dict.fromkeys(next(iter(counts.values())), 0)
    yield _sum(order, counts.values())
    corrections = [edition for one in last for edition in one.chain_of_corrections[1:]]
    for edition in sorted(corrections, key=lambda it: (it.published_at is None, it.published_at or 0, it.snapshot.pk)):
        counts[edition.period] = edition.snapshot.partition_counts(table, cell)
        yield _sum(order, counts.values())


def _sum(order: Counts, parts: Iterable[Counts]) -> Counts:
    """Return the sum of these counts, with its cells in this order."""
    return {cell: sum(part[cell] for part in parts) for cell in order}

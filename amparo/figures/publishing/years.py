"""The figures of a calendar year, released when each of its quarters has a published edition."""

from datetime import datetime
from typing import Any

from amparo.figures.protection.rules import protect_year
from amparo.figures.snapshot.quarters import Quarter
from amparo.figures.snapshot.tables import BY_MONTHS, Table

from .models import Edition, Year
from .safe_tables import as_json

QUARTERS = 4


def release_years(now: datetime) -> None:
    """Release every year whose quarters are all published and which is not released yet."""
    known = set(Year.objects.values_list("year", flat=True))
    years = {day.year for day in Edition.objects.published().values_list("first_day", flat=True)} - known
    for year in sorted(years):
        editions = list(Edition.objects.first_of(year).select_related("snapshot"))
        if len(editions) == QUARTERS:
            Year.objects.get_or_create(year=year, defaults={"document": _document(editions), "released_at": now})


def _document(editions: list[Edition]) -> dict[str, Any]:
    """Return the tables of the year, as JSON values. Counts are those of the first editions, before any correction."""
    tables = {}
    for table in Table:
        if table in BY_MONTHS:  # the page of a year shows the months of its quarters
            continue
        year = protect_year([edition.snapshot.of(table) for edition in editions])
        without = [Quarter(editions[place].first_day).first.isoformat() for place in year.without]
        tables[table.value] = {**as_json(year.table), "without": without}
    return {"editions": [edition.pk for edition in editions], "tables": tables}

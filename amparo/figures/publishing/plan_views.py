"""The source of an automatic indicator's value, for everybody who follows the plan of action."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from amparo.figures.snapshot.months import CalendarYear, Months, period_from_code
from amparo.figures.snapshot.tables import OF, Table
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.programme.plan.models import Measurement
from amparo.programme.plan.picklists import PublishedMeasure

from .models import Edition, Year
from .partial_sums import months_in_words
from .plan_indicators import TOTAL
from .safe_tables import Document
from .sources import Source, sources_of_table


@dataclass(frozen=True)
class Release:
    """A released year or an edition from which an indicator's value was taken."""

    name: str
    published_at: datetime | None
    sheet: Source | None  # None: it shows nothing of the table
    is_uncounted: bool  # whether it shows nothing because the table was not counted yet


@staff(permissions.follow_plan)
@require_GET
def figure_source(request: StaffRequest, pk: int) -> HttpResponse:
    """Show where the value of an indicator comes from: editions, definition, and what is left out."""
    found = get_object_or_404(Measurement.objects.select_related("indicator__node"), pk=pk, figure__isnull=False)
    written = found.figure or {}
    measure = PublishedMeasure(written["measure"])
    definition, period = OF[Table(measure.table)], period_from_code(written["period"])
    without, uncounted = ([period_from_code(part) for part in written.get(why, ())] for why in ("without", "uncounted"))
    context = {
        "measurement": found, "measure": measure, "definition": definition,
        "cell": None if measure.cell == TOTAL else definition.cells[measure.cell],
        "reading": {"period": period},
        "releases": list(_releases(period, written["editions"], Table(measure.table))),
        "without": without, "uncounted": uncounted, "room": "plans",
        "months": months_in_words(period.months, (*without, *uncounted)),
    }  # fmt: skip
    return render(request, "publishing/plan_figure.html", context)


def _releases(period: Months, editions: list[int], table: Table) -> Iterator[Release]:
    """Yield where an indicator's value comes from: the releases of its year, if it is of a year, then the editions."""
    if isinstance(period, CalendarYear):
        for year in Year.objects.filter(year=period.first.year, document__editions=editions):
            name = _("Year %(year)s") % {"year": year.code}
            yield _release(name, year.released_at, {**year.document, "edition": year.code}, table)
    for edition in Edition.objects.published().filter(pk__in=editions).order_by("first_day", "pk"):
        name = _("Edition %(number)s: %(period)s") % {"number": edition.pk, "period": edition.period}
        yield _release(name, edition.published_at, edition.document or {}, table)


def _release(name: str, at: datetime | None, document: Document, table: Table) -> Release:
    return Release(name, at, next(sources_of_table([document], table), None), table.value not in document["tables"])

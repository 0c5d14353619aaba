"""The source of an automatic indicator's value, for everybody who follows the plan of action."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from amparo.figures.snapshot.months import from_code
from amparo.figures.snapshot.tables import OF, Table
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.programme.plan.models import Measurement
from amparo.programme.plan.picklists import PublishedMeasure

from .models import Edition
from .plan_indicators import TOTAL
from .sources import sheet_of

YEAR = len("2026")  # a code of this length is a year's


@staff(permissions.follow_plan)
@require_GET
def figure(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the figure with its editions and its definition."""
    found = get_object_or_404(Measurement.objects.select_related("indicator__node"), pk=pk, figure__isnull=False)
    written = found.figure or {}
    measure = PublishedMeasure(written["measure"])
    definition = OF[Table(measure.table)]
    code = written["period"]
    editions = Edition.objects.published().filter(pk__in=written["editions"]).order_by("first_day", "pk")
    context = {
        "measurement": found, "measure": measure, "definition": definition,
        "cell": None if measure.cell == TOTAL else definition.cells[measure.cell],
        "reading": {"period": code if len(code) == YEAR else from_code(code)},
        "editions": [(it, sheet_of(it.document or {}, Table(measure.table))) for it in editions],
        "without": [from_code(part) for part in written["without"]],
        "uncounted": [from_code(part) for part in written.get("uncounted", ())], "room": "plans",
    }  # fmt: skip
    return render(request, "publishing/plan_figure.html", context)

"""The plan as a spreadsheet or as CSV files: download for everybody who follows it, import for the coordinator."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.spreadsheets import XLSX, as_csv

from . import csv_files, import_rules, spreadsheet
from .forms import ImportForm
from .models import Plan
from .views import show_plan


@staff(permissions.follow_plan)
@require_GET
def export_xlsx(request: StaffRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(Plan, pk=pk)
    answer = HttpResponse(spreadsheet.plan_as_xlsx(plan), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="plan-{plan.pk}.xlsx"'
    return answer


@staff(permissions.follow_plan)
@require_GET
def export_csv(request: StaffRequest, pk: int, sheet: str) -> HttpResponse:
    """Download one of the two sheets as CSV."""
    if (rows := {"lines": spreadsheet.line_rows, "indicators": spreadsheet.indicator_rows}.get(sheet)) is None:
        raise Http404
    plan = get_object_or_404(Plan, pk=pk)
    return as_csv(rows(plan), f"plan-{plan.pk}-{sheet}")


@staff(permissions.follow_plan)
@require_POST
def import_plan(request: StaffRequest, pk: int) -> HttpResponse:
    """Import a plan from a spreadsheet or from two CSV files: all of it, or nothing."""
    plan, form = get_object_or_404(Plan, pk=pk), ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_plan(request, pk, refusal=_("Choose a spreadsheet (.xlsx), or two CSV files."))
    try:
        import_rules.check_import(plan, by=request.user)
        import_rules.import_plan(plan, _read_upload(form.cleaned_data), by=request.user)
    except spreadsheet.WrongSpreadsheet as wrong:
        return show_plan(request, pk, refusal=_("Nothing was imported."), faults=wrong.faults)
    except Refused as refused:
        return show_plan(request, pk, refusal=str(refused))
    return redirect("plan", pk)


def _read_upload(files: dict[str, Any]) -> spreadsheet.PlanRows:
    file, indicators = files["file"], files["indicators"]
    if indicators:
        return csv_files.read_csv_files(file.read(), indicators.read())
    if file.name.lower().endswith(".csv"):
        raise Refused(_("Choose both CSV files: the lines, and the indicators."))
    return spreadsheet.read_spreadsheet(file.read())

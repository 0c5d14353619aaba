"""The plan as a spreadsheet: download for everybody who follows it, import for the coordinator."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.refusal import Refused

from . import rules, spreadsheet
from .forms import ImportForm
from .models import Plan
from .views import show_plan

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@staff(permissions.follow_plan)
@require_GET
def export(request: StaffRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(Plan, pk=pk)
    answer = HttpResponse(spreadsheet.export(plan), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="plan-{plan.pk}.xlsx"'
    return answer


@staff(permissions.follow_plan)
@require_POST
def import_(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a whole plan from a spreadsheet, or nothing of it."""
    plan, form = get_object_or_404(Plan, pk=pk), ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_plan(request, pk, refusal=_("Choose a spreadsheet (.xlsx)."))
    try:
        rules.import_plan(plan, spreadsheet.read(form.cleaned_data["file"].read()), by=request.user)
    except spreadsheet.WrongSpreadsheet as wrong:
        return show_plan(request, pk, refusal=_("Nothing was imported."), faults=wrong.faults)
    except Refused as refused:
        return show_plan(request, pk, refusal=str(refused))
    return redirect("plan", pk)

"""Pages that change a draft, correct a plan, and show what changed since an earlier version."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import refusal_of, run_if_valid

from . import rules, versions
from .correction_rules import correct_plan
from .forms import CORRECTED, LINE, CorrectionForm, IndicatorForm, NodeForm
from .models import Indicator, Node, Plan
from .views import show_node, show_plan


@staff(permissions.follow_plan)
@require_GET
def changes(request: StaffRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(Plan, pk=pk)
    earlier = versions.version_to_compare(plan)
    found = list(versions.changes_between(earlier.document, versions.version_document(plan))) if earlier else []
    context = {"plan": plan, "earlier": earlier, "changes": found, "room": "plans"}
    return render(request, "plan/changes.html", context)


@staff(permissions.follow_plan)
@require_POST
def correct(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct title, days or law of a plan, with the reason."""
    plan, form = get_object_or_404(Plan, pk=pk), CorrectionForm(request.POST, auto_id=CORRECTED)
    if refusal := run_if_valid(
        form, lambda: correct_plan(plan, **form.cleaned_data, by=request.user, now=timezone.now())
    ):
        return show_plan(request, pk, refusal=refusal, correction_form=form)
    return redirect("plan", pk)


@staff(permissions.follow_plan)
@require_POST
def change_node(request: StaffRequest, pk: int) -> HttpResponse:
    node = get_object_or_404(Node.objects.select_related("plan"), pk=pk)
    form = NodeForm(request.POST, plan=node.plan, is_new=False, auto_id=LINE)
    if refusal := run_if_valid(form, lambda: rules.change_node(node, **form.cleaned_data, by=request.user)):
        return show_node(request, pk, refusal=refusal, node_form=form)
    return redirect("node", pk)


@staff(permissions.follow_plan)
@require_POST
def remove_node(request: StaffRequest, pk: int) -> HttpResponse:
    node = get_object_or_404(Node.objects.select_related("plan"), pk=pk)
    if refusal := refusal_of(lambda: rules.remove_node(node, by=request.user)):
        return show_node(request, pk, refusal=refusal)
    return redirect("plan", node.plan_id)


@staff(permissions.follow_plan)
@require_POST
def change_indicator(request: StaffRequest, pk: int) -> HttpResponse:
    indicator, form = _indicator_or_404(pk), IndicatorForm(request.POST, auto_id=f"id_{pk}_%s")
    if refusal := run_if_valid(form, lambda: rules.change_indicator(indicator, **form.cleaned_data, by=request.user)):
        return show_node(request, indicator.node_id, refusal=refusal, typed={pk: form})
    return redirect("node", indicator.node_id)


@staff(permissions.follow_plan)
@require_POST
def remove_indicator(request: StaffRequest, pk: int) -> HttpResponse:
    indicator = _indicator_or_404(pk)
    if refusal := refusal_of(lambda: rules.remove_indicator(indicator, by=request.user)):
        return show_node(request, indicator.node_id, refusal=refusal)
    return redirect("node", indicator.node_id)


def _indicator_or_404(pk: int) -> Indicator:
    indicator: Indicator = get_object_or_404(Indicator.objects.select_related("node__plan"), pk=pk)
    return indicator

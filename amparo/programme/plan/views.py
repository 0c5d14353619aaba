"""Laws and the plan of action: for the plan coordinator and the institutions' plan respondents."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import change_by_form, first_error, refusal_of, run_if_valid
from amparo.foundation.core.pages import parse_number
from amparo.foundation.core.refusal import Refused

from . import reviews, rules, tree, versions
from .forms import (
    ApprovalForm,
    CommentForm,
    CorrectionForm,
    DataCallForm,
    ImportForm,
    IndicatorForm,
    LawForm,
    MeasurementForm,
    NodeForm,
    PlanForm,
    ReviewForm,
)
from .models import Comment, Correction, Indicator, Law, Node, Plan
from .picklists import PlanState


@staff(permissions.follow_plan)
@require_http_methods(["GET", "POST"])
def laws(request: StaffRequest) -> HttpResponse:
    form, refusal = LawForm(request.POST if request.method == "POST" else None), ""
    by, now = request.user, timezone.now()
    if request.method == "POST":
        refusal = run_if_valid(form, lambda: rules.write_law(None, **form.cleaned_data, by=by, now=now))
        if not refusal:
            return redirect("laws")
    today = timezone.localdate()
    found = [(each, each.state(today)) for each in Law.objects.newest_first()]
    context = {"laws": found, "form": form, "refusal": refusal, "room": "laws"}
    return render(request, "plan/laws.html", context, status=422 if refusal else 200)


@staff(permissions.follow_plan)
@require_http_methods(["GET", "POST"])
def law(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Law, pk=pk)
    change = partial(rules.write_law, found, by=request.user, now=timezone.now())
    if not (shown := change_by_form(request, found, LawForm, change)):
        return redirect("laws")
    context = {"law": found, "state": found.state(timezone.localdate()), "room": "laws", **shown}
    return render(request, "plan/law.html", context, status=422 if "refusal" in shown else 200)


@staff(permissions.follow_plan)
@require_http_methods(["GET", "POST"])
def plans(request: StaffRequest) -> HttpResponse:
    form, refusal = PlanForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST":
        refusal = first_error(form)
        try:
            if not refusal:
                return redirect("plan", rules.add_plan(**form.cleaned_data, by=request.user).pk)
        except Refused as refused:
            refusal = str(refused)
    found = Plan.objects.order_by("-starts_on", "-pk")
    context = {"plans": found, "form": form, "refusal": refusal, "room": "plans"}
    return render(request, "plan/plans.html", context, status=422 if refusal else 200)


@staff(permissions.follow_plan)
@require_GET
def plan(request: StaffRequest, pk: int) -> HttpResponse:
    return show_plan(request, pk)


@staff(permissions.follow_plan)
@require_POST
def change_state(request: StaffRequest, pk: int) -> HttpResponse:
    """Change the state of the plan: send it to review or back to draft, put it into operation, or close it."""
    found, today, by = get_object_or_404(Plan, pk=pk), timezone.localdate(), request.user
    moves: dict[str, Callable[[], object]] = {
        "review": lambda: rules.send_to_review(found, by=by, today=today),
        "draft": lambda: rules.return_to_draft(found, by=by),
        "operational": lambda: rules.put_into_operation(found, by=by, today=today),
        "close": lambda: rules.close_plan(found, by=by, today=today),
    }
    if (act := moves.get(request.POST.get("to", ""))) is None:
        raise Refused(_("Choose one of the list."))
    if refusal := refusal_of(act):
        return show_plan(request, pk, refusal=refusal, status=409)
    return redirect("plan", pk)


@staff(permissions.follow_plan)
@require_POST
def approve(request: StaffRequest, pk: int) -> HttpResponse:
    found, form = get_object_or_404(Plan, pk=pk), ApprovalForm(request.POST)
    if refusal := run_if_valid(form, lambda: rules.approve_plan(found, **form.cleaned_data, by=request.user)):
        return show_plan(request, pk, refusal=refusal, approval=form)
    return redirect("plan", pk)


@staff(permissions.follow_plan)
@require_POST
def add_node(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Plan, pk=pk)
    form = NodeForm(request.POST, plan=found)
    if refusal := run_if_valid(form, lambda: rules.add_node(found, **form.cleaned_data, by=request.user)):
        return show_plan(request, pk, refusal=refusal, node_form=form)
    return redirect("plan", pk)


@staff(permissions.follow_plan)
@require_GET
def node(request: StaffRequest, pk: int) -> HttpResponse:
    return show_node(request, pk)


@staff(permissions.follow_plan)
@require_GET
def below(request: StaffRequest, pk: int) -> HttpResponse:
    """Return what stands below a line in the tree of its plan, for a person who opens its branch."""
    return render(request, "plan/_below.html", {"branch": _branch_of(_node_or_404(pk), timezone.localdate())})


@staff(permissions.follow_plan)
@require_POST
def add_indicator(request: StaffRequest, pk: int) -> HttpResponse:
    found, form = _node_or_404(pk), IndicatorForm(request.POST)
    if refusal := run_if_valid(form, lambda: rules.add_indicator(found, **form.cleaned_data, by=request.user)):
        return show_node(request, pk, refusal=refusal, indicator_form=form)
    return redirect("node", pk)


@staff(permissions.follow_plan)
@require_POST
def add_comment(request: StaffRequest, pk: int) -> HttpResponse:
    found, form, now = _node_or_404(pk), CommentForm(request.POST), timezone.now()
    if refusal := run_if_valid(
        form, lambda: rules.comment_on_plan(found, form.cleaned_data["text"], by=request.user, now=now)
    ):
        return show_node(request, pk, refusal=refusal, comment_form=form)
    return redirect("node", pk)


@staff(permissions.follow_plan)
@require_POST
def report_value(request: StaffRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Indicator.objects.select_related("node__plan", "responsible"), pk=pk)
    form, now = MeasurementForm(request.POST, auto_id=f"measured_{found.pk}_%s"), timezone.now()
    if refusal := run_if_valid(
        form, lambda: rules.report_measurement(found, **form.cleaned_data, by=request.user, now=now)
    ):
        return show_node(request, found.node_id, refusal=refusal, measured={found.pk: form})
    return redirect(f"{reverse('node', args=[found.node_id])}?reported")


def show_plan(request: StaffRequest, pk: int, *, refusal: str = "", status: int = 422, **forms: Any) -> HttpResponse:
    today, found = timezone.localdate(), get_object_or_404(Plan.objects.select_related("law"), pk=pk)
    roots = tree.branches_of(found, today)
    context = {
        "plan": found, "roots": roots, "all": "all" in request.GET, "has_indicators": any(tree.leaves(roots)),
        "unanswered": len(tree.unanswered_lines(roots)) if found.is_open_to_changes else 0,
        "publication": found.publications.proposed().first(),
        "total": tree.counts_by_light(tree.count_all_lights(roots)),
        "reason": found.why_not_operational(today), "waits": found.waits_for_law(today),
        "law_state": found.law.state(today) if found.law else None,
        "steps": _state_steps(found, waits=found.waits_for_law(today)),
        "budgets": Indicator.objects.filter(node__plan=found).budget_sums(),
        "may_change": permissions.coordinate_plan(request.user), "approval": ApprovalForm(),
        "node_form": NodeForm(plan=found), "import_form": ImportForm(), "refusal": refusal, "room": "plans",
        "call": reviews.newest_call(found), "missing": reviews.institutions_to_report(found), "today": today,
        "call_form": DataCallForm(quarters=reviews.callable_quarters(found, today)),
        "review_form": ReviewForm(years=reviews.reviewable_years(found, today)),
        "correction_form": CorrectionForm.of(found), "corrections": _corrections(found),
        "commented": _newest_comments(found), "reviews": found.reviews.order_by("-year"),
        "has_changes": versions.version_to_compare(found) is not None, **forms,
    }  # fmt: skip
    return render(request, "plan/plan.html", context, status=status if refusal else 200)


def _newest_comments(plan: Plan) -> list[Comment]:
    """Return the newest comment of each line, the newest first. Empty once the plan is approved."""
    if plan.state not in (PlanState.DRAFT, PlanState.UNDER_REVIEW):
        return []
    found = Comment.objects.filter(node__plan=plan, node__is_removed=False).newest_of_each_line()
    return sorted(found.select_related("node", "author__agency"), key=lambda it: it.pk, reverse=True)


def _corrections(plan: Plan) -> list[tuple[Correction, list[versions.Cell]]]:
    """Return the corrections of title, days and law, the newest first, each with what it changed."""

    def shown(name: str, written: str) -> str:
        return date_format(date.fromisoformat(written), "SHORT_DATE_FORMAT") if name.endswith("_on") else written

    labels = {name: str(field.label) for name, field in PlanForm.base_fields.items()}
    return [
        (each, [versions.Cell(labels[name], shown(name, old), shown(name, each.after[name]))
                for name, old in each.before.items()])
        for each in plan.corrections.select_related("corrected_by").order_by("-pk")
    ]  # fmt: skip


def _state_steps(plan: Plan, *, waits: bool) -> list[tuple[str, str, date | None]]:
    """Return all states of a plan in order: label, mark ("done", "running" or blank), and the day it was reached."""
    days = {
        PlanState.DRAFT: None, PlanState.UNDER_REVIEW: plan.reviewed_from, PlanState.APPROVED: plan.approved_on,
        PlanState.OPERATIONAL: plan.operational_on, PlanState.CLOSED: plan.closed_on,
    }  # fmt: skip
    order = list(days)
    here = order.index(PlanState(plan.state))
    steps = []
    for place, (state, day) in enumerate(days.items()):
        done = "done" if place <= here else "running" if waits and place == here + 1 else ""
        steps.append((str(state.label).capitalize(), done, day if place <= here else None))
    return steps


def _node_or_404(pk: int) -> Node:
    found: Node = get_object_or_404(Node.objects.with_removed().select_related("plan", "parent"), pk=pk)
    return found


def show_node(
    request: StaffRequest,
    pk: int,
    *,
    refusal: str = "",
    typed: dict[int, IndicatorForm] | None = None,
    measured: dict[int, MeasurementForm] | None = None,
    **forms: Any,
) -> HttpResponse:
    """Render the page of a line of the plan.

    `typed` has refused forms of indicators, and `measured` refused forms of new values, by the id of the indicator.
    """
    found, today = _node_or_404(pk), timezone.localdate()
    to_report, is_reported = parse_number(request.GET.get("report", "")), "reported" in request.GET
    branch = _branch_of(found, today)
    may_change = permissions.coordinate_plan(request.user) and found.plan.is_open_to_changes and not found.is_removed
    context = {
        "node": found, "branch": branch, "comments": found.comments.in_order(),
        "may_change": may_change, "may_comment": found.plan.state == PlanState.UNDER_REVIEW and not found.is_removed,
        "leaves": [
            (
                leaf,
                (typed or {}).get(leaf.indicator.pk) or IndicatorForm.of(leaf.indicator),
                (measured or {}).get(leaf.indicator.pk)
                or MeasurementForm(auto_id=f"measured_{leaf.indicator.pk}_%s", is_first=leaf.indicator.pk == to_report),
                leaf.indicator.pk == to_report,
            )
            for leaf in branch.leaves
        ],
        "is_reported": is_reported,
        "next": Indicator.objects.filter(responsible=request.user.agency_id).to_report().order_by("pk").first()
        if is_reported
        else None,
        "node_form": NodeForm.of(found),
        "may_measure": [
            leaf.indicator.pk for leaf in branch.leaves
            if not leaf.indicator.measure
            and (permissions.coordinate_plan(request.user) or leaf.indicator.responsible_id == request.user.agency.pk)
        ] if found.plan.state in (PlanState.APPROVED, PlanState.OPERATIONAL) else [],
        "comment_form": CommentForm(), "indicator_form": IndicatorForm(),
        "refusal": refusal, "room": "plans", **forms,
    }  # fmt: skip
    return render(request, "plan/node.html", context, status=422 if refusal else 200)


def _branch_of(node: Node, today: date) -> tree.Branch:
    """Return the branch of this line; an empty one if the line was removed."""
    branches = _with_descendants(tree.branches_of(node.plan, today))
    return next((each for each in branches if each.node.pk == node.pk), tree.Branch(node))


def _with_descendants(branches: list[tree.Branch]) -> list[tree.Branch]:
    return [each for branch in branches for each in (branch, *_with_descendants(branch.branches))]

"""The list of cases, by filters and in an order, as a page or as CSV."""

from datetime import datetime
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.pagination import DEEPEST, PER_PAGE, paginate
from amparo.foundation.core.spreadsheets import as_csv
from amparo.line.contacts.picklists import Urgency

from .forms import CaseListForm
from .models import Case, CaseQuerySet, code_names

BY_URGENCY = models.Case(*(models.When(urgency=it, then=place) for place, it in enumerate(Urgency)))
label_verb("export_cases", gettext_lazy("took a list of cases along as CSV"))


@staff(permissions.follow_cases)
@require_GET
def cases(request: StaffRequest) -> HttpResponse:
    """List cases by next due date, earliest first, unless another order is chosen."""
    form, now = CaseListForm(request.GET), timezone.now()
    query = form.cleaned_data if form.is_valid() else {}
    page = paginate(_cases_matching(query, request.user, now), query.get("page") or 1)
    names = code_names(page.rows)
    context = {
        "page": page, "rows": [(case, names.get(case.key_id, ""), case.is_late(now)) for case in page],
        "shown": query.get("show") or "mine", "lists": CaseListForm.SHOWN, "sort": query.get("sort") or "due",
        "sorts": CaseListForm.SORTS, "urgency": query.get("urgency") or "", "urgencies": Urgency.choices,
        "room": "cases",
    }  # fmt: skip
    return render(request, "cases/cases.html", context)


@staff(permissions.follow_cases)
@require_GET
def cases_csv(request: StaffRequest) -> HttpResponse:
    """Download the list as CSV (RFC 4180), without free text. The ledger records who downloaded it."""
    form, now = CaseListForm(request.GET), timezone.now()
    query = form.cleaned_data if form.is_valid() else {}
    rows = list(_cases_matching(query, request.user, now)[: DEEPEST * PER_PAGE])
    append("export_cases", "cases")
    names = code_names(rows)
    head = (_("Case"), _("Code name"), _("State"), _("Urgency"), _("What comes next"), _("By when"), _("Owner"))
    lines = [_csv_row(case, names.get(case.key_id, "")) for case in rows]
    return as_csv([head, *lines, ["end"]], f"cases-{timezone.localdate(now)}")  # a file without "end" was cut off


def _csv_row(case: Case, name: str) -> list[Any]:
    task = case.next_task.get_kind_display() if case.next_task else ""
    due = localize(timezone.localtime(case.next_due)) if case.next_due else ""
    owner = str(case.holder or "")
    return [case.code, name, case.get_state_display(), case.get_urgency_display(), task, due, owner]


def _cases_matching(query: dict[str, Any], user: User, now: datetime) -> CaseQuerySet:
    """Return the cases of the list that `query` (the form's values) chooses, filtered and sorted as it says."""
    found = _cases_of_list(query.get("show") or "mine", user, now)
    if urgency := query.get("urgency"):
        found = found.filter(urgency=urgency)
    match query.get("sort"):
        case "urgency":
            return found.order_by(BY_URGENCY, "next_due", "number")
        case "newest":
            return found.order_by("-number")
        case _:
            return found


def _cases_of_list(shown: str, user: User, now: datetime) -> CaseQuerySet:
    every = Case.objects.select_related("holder", "next_task")
    if shown == "mine":
        return every.open_by_due_date(user)
    found = every.visible_to(user)
    if shown == "closed":
        return found.exclude(closed_at=None).order_by("-closed_at", "-number")
    if shown == "left":
        return found.handed_over_to(user).earliest_due_first()
    late = {"next_due__lt": now} if shown == "late" else {}
    return found.open().filter(**late).earliest_due_first()

"""The supervisor's pages: the wallboard, the lists behind its numbers, the big screen, and the month."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.dates import typed_month
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.spreadsheets import as_csv, as_xlsx
from amparo.line.roster.models import RingingRules
from amparo.screens.desk import queue
from amparo.screens.health import failing

from . import wallboard as board
from .around import due_around, waiting_by_channel
from .demand import count_demand
from .forms import SpanForm
from .measures import Month, month_of, work_of
from .month_pdf import as_pdf

LISTS = {
    "waiting": gettext_lazy("Waiting now"),
    "in-time": gettext_lazy("Answered within 20 s today"),
    "abandoned": gettext_lazy("Abandoned today"),
    "running": gettext_lazy("Calls running"),
    "returns": gettext_lazy("Return calls due"),
}


@staff(permissions.supervise)
@require_GET
def wallboard(request: StaffRequest) -> HttpResponse:
    context = _board(request.user)
    return render(request, "supervision/wallboard.html", context | {"charts": board.charts(context["now"])})


@staff(permissions.supervise)
@require_GET
def wallboard_now(request: StaffRequest) -> HttpResponse:
    """The part of the wallboard that changes."""
    return render(request, "supervision/_board.html", _board(request.user))


@staff(permissions.supervise)
@require_GET
def screen(request: StaffRequest) -> HttpResponse:
    """The big screen: numbers and no names, for a wall that everybody sees."""
    return render(request, "supervision/screen.html", {"numbers": board.numbers(timezone.now())})


@staff(permissions.supervise)
@require_GET
def screen_now(request: StaffRequest) -> HttpResponse:
    return render(request, "supervision/_numbers.html", {"numbers": board.numbers(timezone.now())})


@staff(permissions.supervise)
@require_GET
def counted(request: StaffRequest, what: str) -> HttpResponse:
    """List the rows behind a number of the wallboard."""
    if what not in LISTS:
        raise Http404
    now = timezone.now()
    listening = settings.ENVIRONMENT.listening and what == "running"
    context: dict[str, Any] = {
        "listening": listening,
        "title": LISTS[what],
        "what": what,
        "now": now,
        "room": "wallboard",
    }
    if what == "returns":
        return render(request, "supervision/returns.html", context | {"due": board.due(now)})
    rows = board.rows(board.calls_of(what, now), request.user, now)
    return render(request, "supervision/calls.html", context | {"rows": rows})


@staff(permissions.supervise)
@require_GET
def month(request: StaffRequest) -> HttpResponse:
    found, days = _month(request), SpanForm(request.GET if "from" in request.GET else None)
    refusal = first_error(days) if days.is_bound else ""
    shown = days if refusal else SpanForm(initial={"from": found.first, "to": found.last})
    context = {"month": found, "room": "month", "days": shown, "refusal": refusal, "today": timezone.localdate()}
    return render(request, "supervision/month.html", context, status=422 if refusal else 200)


@staff(permissions.supervise)
@require_POST
def demand(request: StaffRequest) -> HttpResponse:
    """Count the calls that the roster plans by."""
    count_demand(by=request.user, now=timezone.now())
    return redirect("staffing")


@staff(permissions.supervise)
@require_GET
def month_csv(request: StaffRequest) -> HttpResponse:
    found = _month(request)
    return as_csv(found.csv_rows(), f"amparo-{found.name}")


@staff(permissions.supervise)
@require_GET
def month_xlsx(request: StaffRequest) -> HttpResponse:
    found = _month(request)
    return as_xlsx(found.csv_rows(), f"amparo-{found.name}", title=found.name)


@staff(permissions.supervise)
@require_GET
def month_pdf(request: StaffRequest) -> HttpResponse:
    found = _month(request)
    headers = {"Content-Disposition": f'attachment; filename="amparo-{found.name}.pdf"'}
    return HttpResponse(as_pdf(found), content_type="application/pdf", headers=headers)


def _board(user: User) -> dict[str, Any]:
    now = timezone.now()
    return {
        "waiting_by_channel": waiting_by_channel(), "around": due_around(user, now),
        "numbers": board.numbers(now), "links": True, "listening": settings.ENVIRONMENT.listening,
        "shift": queue.on_shift(now), "failing": failing(),
        "uncovered": board.uncovered(now), "left_later": board.left_later(now), "on_call": board.on_call(now),
        "by_certificate": RingingRules.current().by_certificate, "now": now, "room": "wallboard",
    }  # fmt: skip


def _month(request: StaffRequest) -> Month:
    """Return the days to show: from `from` to `to` in the query string, else its `month`, else the current month."""
    now = timezone.now()
    days = SpanForm(request.GET)
    if days.is_valid():
        return work_of(days.cleaned_data["from"], days.cleaned_data["to"] + timedelta(days=1), now)
    return month_of(typed_month(request.GET.get("month", ""), timezone.localdate(now)), now)

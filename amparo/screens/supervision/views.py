"""The supervisor's pages: the wallboard, the lists behind its numbers, the big screen, and the month."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.dates import last_month, typed_month
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.spreadsheets import as_csv, as_xlsx
from amparo.foundation.line_settings.rules import current
from amparo.line.roster.models import RingingRules
from amparo.screens.desk import queue
from amparo.screens.health import failing_parts

from . import wallboard as board
from .demand import count_demand
from .forms import SpanForm
from .measures import WorkOfDays, work_of_days, work_of_month
from .month_pdf import as_pdf
from .month_sheet import sheet_of
from .urgent import urgent_things
from .wallboard_lists import due_items, waiting_by_channel

LISTS = {
    "waiting": gettext_lazy("Waiting now"),
    "in-time": gettext_lazy("Answered within 20 s today"),
    "abandoned": gettext_lazy("Abandoned today"),
    "in-danger": gettext_lazy("Calls in danger"),
    "running": gettext_lazy("Calls running"),
    "returns": gettext_lazy("Return calls due"),
}


@staff(permissions.supervise)
@require_GET
def wallboard(request: StaffRequest) -> HttpResponse:
    context = _board_context(request.user)
    return render(request, "supervision/wallboard.html", context | {"charts": board.charts(context["now"])})


@staff(permissions.supervise)
@require_GET
def wallboard_now(request: StaffRequest) -> HttpResponse:
    """Show the part of the wallboard that changes, for the script that redraws it."""
    return render(request, "supervision/_board.html", _board_context(request.user))


@staff(permissions.supervise)
@require_GET
def big_screen(request: StaffRequest) -> HttpResponse:
    """Show numbers without names, for a screen on a wall that everybody sees."""
    return render(request, "supervision/screen.html", _big_context(request.user))


@staff(permissions.supervise)
@require_GET
def big_screen_now(request: StaffRequest) -> HttpResponse:
    return render(request, "supervision/_numbers.html", _big_context(request.user))


@staff(permissions.supervise)
@require_GET
def rows_behind_number(request: StaffRequest, what: str) -> HttpResponse:
    """List the rows behind a number of the wallboard."""
    if what not in LISTS:
        raise Http404
    now = timezone.now()
    listening = current().listening and what == "running"
    context: dict[str, Any] = {
        "listening": listening,
        "title": LISTS[what],
        "what": what,
        "now": now,
        "room": "wallboard",
    }
    if what == "returns":
        return render(request, "supervision/returns.html", context | {"due": board.due_return_calls(now)})
    rows = board.call_rows(board.calls_behind_number(what, now), request.user, now)
    return render(request, "supervision/calls.html", context | {"rows": rows})


@staff(permissions.supervise)
@require_GET
def month(request: StaffRequest) -> HttpResponse:
    found, days = _requested_days(request), SpanForm(request.GET if "from" in request.GET else None)
    refusal = first_error(days) if days.is_bound else ""
    shown = days if refusal else SpanForm(initial={"from": found.first, "to": found.last})
    context = {
        "month": found,
        "sheet": sheet_of(found),
        "room": "month",
        "days": shown,
        "refusal": refusal,
        "today": timezone.localdate(),
    }
    return render(request, "supervision/month.html", context, status=422 if refusal else 200)


@staff(permissions.supervise)
@require_POST
def count_expected_calls(request: StaffRequest) -> HttpResponse:
    """Count the calls of past weeks, by which the roster plans."""
    count_demand(by=request.user, now=timezone.now())
    return redirect("staffing")


@staff(permissions.supervise)
@require_GET
def month_csv(request: StaffRequest) -> HttpResponse:
    found = _requested_days(request)
    return as_csv(found.csv_rows(), f"amparo-{found.name}")


@staff(permissions.supervise)
@require_GET
def month_xlsx(request: StaffRequest) -> HttpResponse:
    found = _requested_days(request)
    return as_xlsx(found.csv_rows(), f"amparo-{found.name}", title=found.name)


@staff(permissions.supervise)
@require_GET
def month_pdf(request: StaffRequest) -> HttpResponse:
    found = _requested_days(request)
    headers = {"Content-Disposition": f'attachment; filename="amparo-{found.name}.pdf"'}
    return HttpResponse(as_pdf(found), content_type="application/pdf", headers=headers)


def _board_context(user: User) -> dict[str, Any]:
    now, rules, live = timezone.now(), RingingRules.current(), board.live_calls()
    numbers = board.numbers(now, rules, live)
    return {
        "waiting_by_channel": waiting_by_channel(live), "around": due_items(user, now, numbers.abandoned),
        "numbers": numbers, "urgent": urgent_things(numbers, live, user), "links": True,
        "listening": current().listening, "shift": queue.colleagues_on_shift(now, live=live),
        "failing": failing_parts(),
        "uncovered": board.uncovered(now, rules), "left_later": board.uncovered_later(now, rules),
        "on_call": board.shifts_on_call(now), "by_certificate": rules.by_certificate,
        "now": now, "room": "wallboard",
    }  # fmt: skip


def _big_context(user: User) -> dict[str, Any]:
    """Return what the big screen shows: the numbers, and what is urgent without a name or a button."""
    live = board.live_calls()
    numbers = board.numbers(timezone.now(), live=live)
    return {"numbers": numbers, "urgent": urgent_things(numbers, live, user)}


def _requested_days(request: StaffRequest) -> WorkOfDays:
    """Count the work of the days in the query string: `from` and `to`, else `month`, else the last whole month."""
    now = timezone.now()
    days = SpanForm(request.GET)
    if days.is_valid():
        return work_of_days(days.cleaned_data["from"], days.cleaned_data["to"] + timedelta(days=1), now)
    today = timezone.localdate(now)
    typed = request.GET.get("month")
    return work_of_month(typed_month(typed, today) if typed else last_month(today), now)

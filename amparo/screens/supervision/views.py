"""The supervisor's pages: the wallboard, the lists behind its numbers, the big screen, and the month."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.dates import typed_month
from amparo.foundation.core.spreadsheets import as_csv, as_xlsx
from amparo.screens.desk import queue

from . import wallboard as board
from .demand import count_demand
from .measures import Month, month_of

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
    context = _board()
    return render(request, "supervision/wallboard.html", context | {"charts": board.charts(context["now"])})


@staff(permissions.supervise)
@require_GET
def wallboard_now(request: StaffRequest) -> HttpResponse:
    """The part of the wallboard that changes."""
    return render(request, "supervision/_board.html", _board())


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
    """The rows that a number of the wallboard counts."""
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
    return render(
        request, "supervision/calls.html", context | {"rows": board.rows(board.calls_of(what, now), request.user)}
    )


@staff(permissions.supervise)
@require_GET
def month(request: StaffRequest) -> HttpResponse:
    found = _month(request)
    return render(request, "supervision/month.html", {"month": found, "room": "month"})


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
    return as_csv(found.csv_rows(), f"amparo-{found.first:%Y-%m}")


@staff(permissions.supervise)
@require_GET
def month_xlsx(request: StaffRequest) -> HttpResponse:
    found = _month(request)
    return as_xlsx(found.csv_rows(), f"amparo-{found.first:%Y-%m}", title=f"{found.first:%Y-%m}")


def _board() -> dict[str, Any]:
    now = timezone.now()
    return {
        "numbers": board.numbers(now), "links": True, "listening": settings.ENVIRONMENT.listening,
        "shift": queue.on_shift(now),
        "uncovered": board.uncovered(now), "now": now, "room": "wallboard",
    }  # fmt: skip


def _month(request: StaffRequest) -> Month:
    """The month of the address, or the current one."""
    now = timezone.now()
    return month_of(typed_month(request.GET.get("month", ""), timezone.localdate(now)), now)

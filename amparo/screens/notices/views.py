"""One's own page of notices, and the administrators' page: who would be notified of what, and what was sent."""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import refusal_of
from amparo.foundation.core.refusal import Refused
from amparo.foundation.line_settings.rules import current

from . import overview, own, rules, watch
from .models import Route


@staff(permissions.is_staff)
@require_GET
def my_notices(request: StaffRequest) -> HttpResponse:
    return _my_page(request)


@staff(permissions.is_staff)
@require_POST
def open_waiting(request: StaffRequest) -> HttpResponse:
    events = [found for text in request.POST.getlist("event") if (found := _uuid(text))]
    rules.open_notices(events, by=request.user, now=timezone.now())
    return redirect("/me/notices#opened")


@staff(permissions.is_staff)
@require_POST
def quiet_hours(request: StaffRequest) -> HttpResponse:
    def change() -> None:
        start, end = (_time(request.POST.get(name, "")) for name in ("from", "until"))
        rules.set_quiet_hours(start, end, by=request.user)

    return _after(request, change, "quiet")


@staff(permissions.is_staff)
@require_POST
def give_address(request: StaffRequest) -> HttpResponse:
    text = request.POST.get("address", "")
    return _after(request, lambda: rules.give_address(_route(request), text, by=request.user, now=timezone.now()))


@staff(permissions.is_staff)
@require_POST
def confirm_address(request: StaffRequest) -> HttpResponse:
    """A wrong code is counted, so that it is no refusal of the verb, but of the page."""
    fits = True

    def confirm() -> None:
        nonlocal fits
        code = request.POST.get("code", "")
        fits = rules.confirm_address(_route(request), code, by=request.user, now=timezone.now())

    answer = _after(request, confirm)
    return answer if fits else _my_page(request, _("That is not the code that was sent. Look again."))


@staff(permissions.is_staff)
@require_POST
def remove_address(request: StaffRequest) -> HttpResponse:
    return _after(request, lambda: rules.remove_address(_route(request), by=request.user))


@staff(permissions.keep_installation)
@require_GET
def all_notices(request: StaffRequest) -> HttpResponse:
    return _overview_page(request)


@staff(permissions.keep_installation)
@require_POST
def ask_for_test(request: StaffRequest) -> HttpResponse:
    if refusal := refusal_of(lambda: rules.ask_for_test(by=request.user, now=timezone.now())):
        return _overview_page(request, refusal)
    return redirect("/installation/notices#sent")


def _my_page(request: StaffRequest, refusal: str = "") -> HttpResponse:
    context = own.page_of(request.user, timezone.now()) | {"refusal": refusal, "room": "me"}
    return render(request, "notices/own.html", context, status=_status(refusal))


def _overview_page(request: StaffRequest, refusal: str = "") -> HttpResponse:
    now = timezone.now()
    at = overview.chosen_hour(request.GET.get("hour", ""), now)
    row, trouble = watch.state_of_watch()
    context: dict[str, Any] = {
        "table": overview.table(at), "hours": overview.hours(now), "at": at, "gaps": overview.hours_without(now),
        "newest": overview.newest(), "is_watched": bool(current().watch_address), "watch": row, "trouble": trouble,
        "is_stale": watch.is_stale(row, now), "refusal": refusal, "room": "administration-notices",
    }  # fmt: skip
    return render(request, "notices/overview.html", context, status=_status(refusal))


def _after(request: StaffRequest, verb: Callable[[], object], place: str = "addresses") -> HttpResponse:
    """Do it, and show the page: with its one sentence if it was refused."""
    if refusal := refusal_of(verb):
        return _my_page(request, refusal)
    return redirect(f"/me/notices#{place}")


def _status(refusal: str) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK


def _route(request: StaffRequest) -> Route:
    """Return the route that a form names. Raises `Refused`."""
    text = request.POST.get("route", "")
    if text not in Route.values:
        raise Refused(_("Choose e-mail or text message. Load the page anew."))
    return Route(text)


def _time(text: str) -> Any:
    try:
        found = parse_time(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise Refused(_("Write both hours as 22:00."))
    return found


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

"""One's own shifts as a file, and at an address that a calendar program asks by itself."""

import time

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.pages import answer_refusals, sentence_response
from amparo.foundation.core.rate_limit import SlidingWindow

from . import calendar_rules
from .calendar_file import own_calendar
from .views import requested_monday, roster_page

HOUR = 3600.0  # seconds
AT_MOST = 60  # fetches of one calendar in an hour, at each web process; a calendar program asks once or a few times
UNKNOWN, UNKNOWN_AT_MOST = b"", 600  # addresses that open nothing, in all; nobody guesses one (256 bits)

_recent = SlidingWindow(HOUR)


@staff(permissions.take_calls)
@require_GET
def download_calendar(request: StaffRequest) -> HttpResponse:
    """Download one's own shifts, for the calendar of a telephone."""
    return _calendar_response(own_calendar(request.user, timezone.now()))


@staff(permissions.take_calls)
@require_POST
def make_address(request: StaffRequest) -> HttpResponse:
    """Make an address, and show it once."""
    secret = calendar_rules.make_feed(by=request.user, now=timezone.now())
    address = request.build_absolute_uri(reverse("calendar-feed", args=[secret]))
    return roster_page(request, requested_monday(request), calendar_address=address)


@staff(permissions.take_calls)
@require_POST
def withdraw_address(request: StaffRequest) -> HttpResponse:
    calendar_rules.withdraw_feed(by=request.user)
    return redirect("roster")


@answer_refusals
@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer a calendar program, which has no session, with the shifts of the user to whom the address belongs."""
    user = calendar_rules.owner_of_feed(secret)
    if not _may_fetch(UNKNOWN if user is None else str(user.pk).encode()):
        answer = sentence_response(request, _("This calendar is fetched too often. Fetch it again in an hour."), 429)
        answer.headers["Retry-After"] = str(int(HOUR))
        return answer
    if user is None:
        raise Http404
    return _calendar_response(calendar_rules.fetch_calendar(user, timezone.now()))


def _may_fetch(who: bytes) -> bool:
    return _recent.consume(who, time.monotonic(), at_most=AT_MOST if who else UNKNOWN_AT_MOST)


def _calendar_response(content: bytes) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="turnos.ics"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)

"""The occupancy of a month: for placement officers of every house, for a house's staff of their own."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.dates import typed_month
from amparo.foundation.core.spreadsheets import as_csv

from .nights import nights_of


def may_see_nights(user: User) -> bool:
    return permissions.approve_placements(user) or permissions.run_house(user)


@staff(may_see_nights)
@require_GET
def nights(request: StaffRequest) -> HttpResponse:
    """Show the occupancy of a month, or send it as CSV (`?as=csv`).

    `?month=2026-11` chooses the month; without it, or with an unreadable one, it is this month.
    """
    now = timezone.now()
    this = timezone.localdate(now).replace(day=1)
    first = typed_month(request.GET.get("month", ""), this)
    found = nights_of(request.user, first, now)
    if request.GET.get("as") == "csv":
        head = [_("House"), _("Usable nights"), _("Nights slept"), _("Nights out of order"), _("Occupancy, per cent")]
        rows = [
            [
                str(it.house),
                it.usable,
                it.slept,
                it.repaired,
                "" if it.occupancy_percent is None else it.occupancy_percent,
            ]
            for it in found
        ]
        return as_csv([head, *rows], f"occupancy-{first:%Y-%m}")
    context = {
        "found": found, "month": first, "before": (first - timedelta(days=1)).replace(day=1),
        "after": (first + timedelta(days=31)).replace(day=1) if first < this else None, "is_now": first == this,
        "room": "houses" if permissions.approve_placements(request.user) else "beds",
    }  # fmt: skip
    return render(request, "shelters/nights.html", context)

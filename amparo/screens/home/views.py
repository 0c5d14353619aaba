"""The page where a person's work begins; every link back leads here."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import factors, permissions, rules
from amparo.foundation.access.models import TourEnd
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.counts import count_each
from amparo.screens.notices.models import NoticeEvent

from .charts import charts_of
from .first_day import first_day_of, greeting
from .homes import MOST, home_of
from .tour import tour_of


@staff(permissions.is_staff)
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Show the tasks that wait for this person. If there are none, say what will come and how to begin."""
    user, now = request.user, timezone.now()
    found = home_of(user, now)
    notices, left_tours = count_each(
        NoticeEvent.objects.unopened_by(user), TourEnd.objects.filter(user=user), at_most=MOST
    )
    context = {
        "home": found, "sections": found.sections(now), "now": now, "greeting": greeting(user, now), "room": "home",
        "first_day": None if found.rows else first_day_of(user), "has_two_ways": factors.has_enough_factors(user),
        "notices": notices, "charts": charts_of(user, now), "tour": [] if left_tours else tour_of(user),
    }  # fmt: skip
    return render(request, "home/home.html", context)


@staff(permissions.is_staff)
@require_POST
def leave_tour(request: StaffRequest) -> HttpResponse:
    rules.leave_tour(by=request.user, now=timezone.now())
    return redirect("home")

"""The pages of training: the courses, one's practices, and the quality sheet of a practice."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff

from . import rules
from .courses import courses
from .models import Practice

SHOWN = 100


@staff(permissions.take_calls)
@require_GET
def practices(request: StaffRequest) -> HttpResponse:
    """The courses, and the newest practices: one's own, for a supervisor everybody's."""
    found = Practice.objects.visible_to(request.user).select_related("user", "certificate").order_by("-started_at")
    context = {"courses": courses().values(), "practices": found[:SHOWN], "room": "practice"}
    return render(request, "training/practices.html", context)


@staff(permissions.take_calls)
@require_GET
def practice(request: StaffRequest, number: int) -> HttpResponse:
    found = Practice.objects.visible_to(request.user).select_related("user", "certificate")
    context = {"practice": get_object_or_404(found, pk=number), "room": "practice"}
    return render(request, "training/practice.html", context)


@staff(permissions.take_calls)
@require_POST
def begin(request: StaffRequest, code: str) -> HttpResponse:
    """Begin a practice, and go to the console, in whose queue the invented person waits."""
    if code not in courses():
        raise Http404
    rules.begin_practice(courses()[code], by=request.user, now=timezone.now())
    return redirect("console")


@staff(permissions.take_calls)
@require_POST
def finish(request: StaffRequest, number: int) -> HttpResponse:
    own = get_object_or_404(Practice, pk=number, user=request.user)
    rules.finish_practice(own, by=request.user, now=timezone.now())
    return redirect("practice", number)

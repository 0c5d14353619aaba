"""The pages of training: the courses, one's practices, and the quality sheet of a practice."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff

from . import rules
from .courses import courses
from .models import OwnCourse, Practice, all_courses

SHOWN = 100


@staff(permissions.take_calls)
@require_GET
def practices(request: StaffRequest) -> HttpResponse:
    """The courses, and the newest practices: one's own, for a supervisor everybody's."""
    found = Practice.objects.visible_to(request.user).select_related("user", "certificate").order_by("-started_at")
    known, boss = all_courses(), permissions.supervise(request.user)
    shown = list(found[:SHOWN])
    for each in shown:
        each.course = known[each.course_code]
    context = {
        "courses": [course for course in known.values() if course.is_offered], "practices": shown, "room": "practice",
        "own": OwnCourse.objects.order_by("code") if boss else (), "shipped": courses().values() if boss else (),
    }  # fmt: skip
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
    course = all_courses().get(code)
    if course is None or not course.is_offered:
        raise Http404
    rules.begin_practice(course, by=request.user, now=timezone.now())
    return redirect("console")


@staff(permissions.take_calls)
@require_POST
def finish(request: StaffRequest, number: int) -> HttpResponse:
    own = get_object_or_404(Practice, pk=number, user=request.user)
    rules.finish_practice(own, by=request.user, now=timezone.now())
    return redirect("practice", number)

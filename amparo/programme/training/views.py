"""The pages of training: courses, practices, lessons with their quiz, and the quality sheet of a practice."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.markup import as_html
from amparo.foundation.core.refusal import Refused

from . import rules
from .courses import courses
from .forms import CopyForm
from .models import OwnCourse, Practice, QuizResult, all_courses
from .quiz import MOST_CHOICES, answered_right

SHOWN = 100
SINGLE_DIGITS = {str(number) for number in range(MOST_CHOICES)}


@staff(permissions.take_calls)
@require_GET
def practices(request: StaffRequest) -> HttpResponse:
    """List the courses and the newest practices: a trainee's own, and for a supervisor everybody's."""
    found = Practice.objects.visible_to(request.user).select_related("user", "certificate").order_by("-started_at")
    known, boss = all_courses(), permissions.supervise(request.user)
    shown = list(found[:SHOWN])
    for each in shown:
        each.course = known[each.course_code]
    context = {
        "courses": [course for course in known.values() if course.is_offered],
        "passed_quizzes": QuizResult.objects.passed_by(request.user), "practices": shown, "room": "practice",
        "own": OwnCourse.objects.order_by("code") if boss else (), "shipped": courses().values() if boss else (),
        "copying": CopyForm() if boss else None,
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
@require_http_methods(["GET", "POST"])
def lesson(request: StaffRequest, code: str) -> HttpResponse:
    """Show the lesson of a course and its quiz. After the quiz, the page also shows what was right, and why."""
    course = all_courses().get(code)
    if course is None or not (course.lesson or course.questions) or not course.is_offered:
        raise Http404
    answers, result, refusal = [_chosen_answers(request, at) for at in range(len(course.questions))], None, ""
    if request.method == "POST":
        try:
            result = rules.take_quiz(course, answers, by=request.user, now=timezone.now())
        except Refused as reason:
            refusal = str(reason)
    right = answered_right(course.questions, answers)
    context = {
        "course": course, "text": as_html(course.lesson), "result": result, "refusal": refusal, "room": "practice",
        "questions": list(zip(course.questions, answers, right, strict=True)),
        "has_passed": code in QuizResult.objects.passed_by(request.user),
    }  # fmt: skip
    return render(request, "training/lesson.html", context, status=422 if refusal else 200)


def _chosen_answers(request: StaffRequest, question: int) -> frozenset[int]:
    return frozenset(int(each) for each in request.POST.getlist(f"question-{question}") if each in SINGLE_DIGITS)


@staff(permissions.take_calls)
@require_POST
def finish(request: StaffRequest, number: int) -> HttpResponse:
    own = get_object_or_404(Practice, pk=number, user=request.user)
    rules.finish_practice(own, by=request.user, now=timezone.now())
    return redirect("practice", number)

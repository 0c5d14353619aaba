"""The pages on which a supervisor writes courses."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import change_if_valid, first_error, refusal_of, run_if_valid, version_in
from amparo.foundation.core.refusal import Refused

from . import course_rules as rules
from .courses import courses
from .forms import CopyForm, CourseForm, LessonForm, NewStepForm, QuestionForm, RecordingForm, StepForm, step_names
from .models import OwnCourse, all_courses
from .tree import Branch, Signal, Step


@staff(permissions.supervise)
@require_POST
def take_course(request: StaffRequest, code: str) -> HttpResponse:
    """Copy a shipped course to change it. The copy has the same code, and replaces it."""
    if not OwnCourse.objects.filter(code=code).exists():
        if code not in courses():
            raise Http404
        rules.take_course(courses()[code], code, courses()[code].title, by=request.user, now=timezone.now())
    return redirect("course", code)


@staff(permissions.supervise)
@require_POST
def copy_course(request: StaffRequest) -> HttpResponse:
    """Create a course as a copy of another one, under a new title."""
    form = CopyForm(request.POST)
    if not form.is_valid():
        raise Refused(first_error(form))
    data = form.cleaned_data
    made = rules.take_course(
        all_courses()[data["source"]], data["code"], data["title"], by=request.user, now=timezone.now()
    )
    return redirect("course", made.code)


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def course(request: StaffRequest, code: str) -> HttpResponse:
    own, by, now = get_object_or_404(OwnCourse, code=code), request.user, timezone.now()
    if request.method == "GET":
        return _course_page(request, own)
    form = CourseForm(request.POST)
    if refused := change_if_valid(
        own,
        form,
        CourseForm.of,
        lambda seen: rules.change_course(own, form.cleaned_data, based_on=seen, by=by, now=now),
    ):
        return _course_page(request, own, form=form, **refused)
    return redirect("course", code)


@staff(permissions.supervise)
@require_POST
def lesson(request: StaffRequest, code: str) -> HttpResponse:
    own, form = get_object_or_404(OwnCourse, code=code), LessonForm(request.POST)
    by, now = request.user, timezone.now()
    if refused := change_if_valid(
        own,
        form,
        LessonForm.of,
        lambda seen: rules.change_lesson(own, **form.cleaned_data, based_on=seen, by=by, now=now),
    ):
        lesson_based_on = refused.pop("based_on")
        return _course_page(request, own, lesson_form=form, faulty=form, lesson_based_on=lesson_based_on, **refused)
    return redirect("course", code)


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def new_question(request: StaffRequest, code: str) -> HttpResponse:
    own, by, now = get_object_or_404(OwnCourse, code=code), request.user, timezone.now()
    form = QuestionForm(request.POST if request.method == "POST" else None)
    refusal = ""
    if request.method == "POST":
        refusal = run_if_valid(form, lambda: rules.change_question(own, None, form.question, by=by, now=now))
        if not refusal:
            return redirect("course", code)
    return _question_page(request, own, None, form, refusal=refusal)


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def question(request: StaffRequest, code: str, number: int) -> HttpResponse:
    """Show or change a question. If a colleague has removed it meanwhile, saving it brings it back."""
    own, by, now = get_object_or_404(OwnCourse, code=code), request.user, timezone.now()
    if str(number) not in own.question and (request.method == "GET" or f"question.{number}" not in own.edits):
        raise Http404
    if request.method == "GET":
        return _question_page(request, own, number, QuestionForm.of(own.question[str(number)]))
    form = QuestionForm(request.POST)

    def of(own: OwnCourse) -> QuestionForm:
        return QuestionForm.of(own.question[str(number)]) if str(number) in own.question else QuestionForm()

    def change(seen: int) -> None:
        rules.change_question(own, number, form.question, based_on=seen, by=by, now=now)

    if refused := change_if_valid(own, form, of, change):
        return _question_page(request, own, number, form, **refused)
    return redirect("course", code)


@staff(permissions.supervise)
@require_POST
def remove_question(request: StaffRequest, code: str, number: int) -> HttpResponse:
    own, by, now = get_object_or_404(OwnCourse, code=code), request.user, timezone.now()
    if str(number) not in own.question:
        raise Http404
    form = QuestionForm.of(own.question[str(number)])
    if refused := _refusal_of(
        request, own, lambda seen: rules.remove_question(own, number, based_on=seen, by=by, now=now)
    ):
        return _question_page(request, own, number, form, **refused)
    return redirect("course", code)


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def step(request: StaffRequest, code: str, name: str) -> HttpResponse:
    """Show or change a step. A step of a new name is created when it is saved."""
    own, by, now = get_object_or_404(OwnCourse, code=code), request.user, timezone.now()
    if request.method == "GET":
        return _step_page(request, own, name, _step_form(own, name))
    form = StepForm(request.POST, **_course_context(own))

    def change(seen: int) -> None:
        rules.change_step(own, name, form.step, based_on=seen, by=by, now=now)

    if refused := change_if_valid(own, form, lambda own: _step_form(own, name), change):
        return _step_page(request, own, name, form, **refused)
    return redirect("course", code)


@staff(permissions.supervise)
@require_POST
def new_step(request: StaffRequest, code: str) -> HttpResponse:
    """Redirect to the page of a new step, by the name that the supervisor gave it."""
    get_object_or_404(OwnCourse, code=code)
    form = NewStepForm(request.POST)
    if not form.is_valid():
        raise Refused(first_error(form))
    return redirect(reverse("course-step", args=[code, form.cleaned_data["name"]]))


@staff(permissions.supervise)
@require_POST
def remove_step(request: StaffRequest, code: str, name: str) -> HttpResponse:
    own, by, now = get_object_or_404(OwnCourse, code=code), request.user, timezone.now()
    if refused := _refusal_of(request, own, lambda seen: rules.remove_step(own, name, based_on=seen, by=by, now=now)):
        return _step_page(request, own, name, _step_form(own, name), **refused)
    return redirect("course", code)


@staff(permissions.supervise)
@require_POST
def record_line(request: StaffRequest, code: str, name: str) -> HttpResponse:
    own, by, now = get_object_or_404(OwnCourse, code=code), request.user, timezone.now()
    form = RecordingForm(request.POST, request.FILES, lines=own.step.get(name, {}).get("says", []))
    if not form.is_valid():
        raise Refused(first_error(form))
    line, wav = form.cleaned_data["line"], form.cleaned_data["file"].read()
    if refused := _refusal_of(
        request, own, lambda seen: rules.record_line(own, line, wav, based_on=seen, by=by, now=now)
    ):
        return _step_page(request, own, name, _step_form(own, name), **refused)
    return redirect("course-step", code, name)


@staff(permissions.supervise)
@require_POST
def restore(request: StaffRequest, code: str) -> HttpResponse:
    own, by, now = get_object_or_404(OwnCourse, code=code), request.user, timezone.now()
    if refused := _refusal_of(request, own, lambda seen: rules.restore_course(own, based_on=seen, by=by, now=now)):
        return _course_page(request, own, **refused)
    return redirect("practices")


def _refusal_of(request: StaffRequest, own: OwnCourse, act: Callable[[int], object]) -> dict[str, Any]:
    """Call `act` with the version that the page showed. Return the context that shows a refusal; empty: it was done.

    One reason for a refusal: a colleague has changed the same thing since the page was opened.
    """
    refusal = refusal_of(lambda: act(version_in(request.POST)))
    if refusal:
        own.refresh_from_db()
    return {"refusal": refusal} if refusal else {}


def _course_page(request: StaffRequest, own: OwnCourse, **shown: Any) -> HttpResponse:
    steps = [(name, _stored_step(own, name)) for name in step_names(own)]
    context = {
        "course": own, "form": CourseForm.of(own), "steps": steps, "fault": rules.fault_of(own), "new": NewStepForm(),
        "is_shipped": own.code in courses(), "room": "practice", "lesson_form": LessonForm.of(own),
        "based_on": own.version, "lesson_based_on": own.version, **shown,
    }  # fmt: skip
    return render(request, "training/course.html", context, status=422 if shown.get("refusal") else 200)


def _question_page(
    request: StaffRequest, own: OwnCourse, number: int | None, form: QuestionForm, **shown: Any
) -> HttpResponse:
    place = next((at for at, (known, _each) in enumerate(own.questions, start=1) if known == number), None)
    context = {
        "course": own, "number": number, "place": place, "form": form, "room": "practice", "based_on": own.version,
        **shown,
    }  # fmt: skip
    return render(request, "training/question.html", context, status=422 if shown.get("refusal") else 200)


def _step_page(request: StaffRequest, own: OwnCourse, name: str, form: StepForm, **shown: Any) -> HttpResponse:
    lines = own.step[name]["says"] if name in own.step and own.caller else []
    context = {
        "course": own, "name": name, "form": form, "lines": own.lines_and_whether_recorded(lines), "room": "practice",
        "exists": name in own.step, "recording": RecordingForm(lines=lines) if lines else None,
        "based_on": own.version, **shown,
    }  # fmt: skip
    return render(request, "training/step.html", context, status=422 if shown.get("refusal") else 200)


def _step_form(own: OwnCourse, name: str) -> StepForm:
    """Return the form of a step with its present values. Empty for a step that does not exist yet."""
    context = _course_context(own)
    return StepForm.of(_stored_step(own, name), **context) if name in own.step else StepForm(**context)


def _course_context(own: OwnCourse) -> dict[str, Any]:
    return {"steps": step_names(own), "is_call": bool(own.caller)}


def _stored_step(own: OwnCourse, name: str) -> Step:
    """Return a step of the course, read from its JSON, with its branches as they are stored."""
    given = own.step[name]
    branches = tuple(Branch(Signal(signal), value, to) for signal, value, to in given["branches"])
    return Step(tuple(given["says"]), branches, given["end"])

"""The pages on which a supervisor writes courses."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.refusal import Refused

from . import course_rules as rules
from .courses import courses
from .forms import CopyForm, CourseForm, LessonForm, NewStepForm, QuestionForm, RecordingForm, StepForm, step_names
from .models import OwnCourse, all_courses
from .tree import Branch, Signal, Step


@staff(permissions.supervise)
@require_POST
def take(request: StaffRequest, code: str) -> HttpResponse:
    """Change a shipped course in its place."""
    if not OwnCourse.objects.filter(code=code).exists():
        if code not in courses():
            raise Http404
        rules.take_course(courses()[code], code, courses()[code].title, by=request.user, now=timezone.now())
    return redirect("course", code)


@staff(permissions.supervise)
@require_POST
def copy(request: StaffRequest) -> HttpResponse:
    """Write another course from one that is here."""
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
    own = get_object_or_404(OwnCourse, code=code)
    form = CourseForm(request.POST) if request.method == "POST" else CourseForm.of(own)
    if request.method == "POST" and form.is_valid():
        rules.change_course(own, form.cleaned_data, by=request.user, now=timezone.now())
        return redirect("course", code)
    steps = [(name, _step(own, name)) for name in step_names(own)]
    context = {
        "course": own, "form": form, "steps": steps, "fault": rules.fault_of(own), "new": NewStepForm(),
        "is_shipped": code in courses(), "room": "practice",
        "lesson_form": LessonForm(initial={"lesson": own.lesson, "quiz_mark": own.quiz_mark}),
    }  # fmt: skip
    return render(request, "training/course.html", context, status=422 if form.errors else 200)


@staff(permissions.supervise)
@require_POST
def lesson(request: StaffRequest, code: str) -> HttpResponse:
    own, form = get_object_or_404(OwnCourse, code=code), LessonForm(request.POST)
    if not form.is_valid():
        raise Refused(first_error(form))
    rules.change_lesson(own, **form.cleaned_data, by=request.user, now=timezone.now())
    return redirect("course", code)


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def question(request: StaffRequest, code: str, number: int) -> HttpResponse:
    """One question. The number after the last one adds a question once it is saved."""
    own = get_object_or_404(OwnCourse, code=code)
    if number > len(own.question):
        raise Http404
    exists = number < len(own.question)
    if request.method == "POST":
        form = QuestionForm(request.POST)
        if form.is_valid():
            rules.change_question(own, number, form.question, by=request.user, now=timezone.now())
            return redirect("course", code)
    else:
        form = QuestionForm.of(own.question[number]) if exists else QuestionForm()
    context = {"course": own, "number": number, "form": form, "exists": exists, "room": "practice"}
    return render(request, "training/question.html", context, status=422 if form.errors else 200)


@staff(permissions.supervise)
@require_POST
def remove_question(request: StaffRequest, code: str, number: int) -> HttpResponse:
    own = get_object_or_404(OwnCourse, code=code)
    if number >= len(own.question):
        raise Http404
    rules.remove_question(own, number, by=request.user, now=timezone.now())
    return redirect("course", code)


@staff(permissions.supervise)
@require_http_methods(["GET", "POST"])
def step(request: StaffRequest, code: str, name: str) -> HttpResponse:
    """One step. A name that is new becomes a step once it is saved."""
    own = get_object_or_404(OwnCourse, code=code)
    about: dict[str, Any] = {"steps": step_names(own), "is_call": bool(own.caller)}
    if request.method == "POST":
        form = StepForm(request.POST, **about)
        if form.is_valid():
            rules.change_step(own, name, form.step, by=request.user, now=timezone.now())
            return redirect("course", code)
    else:
        form = StepForm.of(_step(own, name), **about) if name in own.step else StepForm(**about)
    lines = own.step[name]["says"] if name in own.step and own.caller else []
    known = own.course_sounds(lines)
    context = {
        "course": own, "name": name, "form": form, "lines": known, "room": "practice", "exists": name in own.step,
        "recording": RecordingForm(lines=lines) if lines else None,
    }  # fmt: skip
    return render(request, "training/step.html", context, status=422 if form.errors else 200)


@staff(permissions.supervise)
@require_POST
def new_step(request: StaffRequest, code: str) -> HttpResponse:
    """Go to the page of a step that does not exist yet."""
    get_object_or_404(OwnCourse, code=code)
    form = NewStepForm(request.POST)
    if not form.is_valid():
        raise Refused(first_error(form))
    return redirect(reverse("course-step", args=[code, form.cleaned_data["name"]]))


@staff(permissions.supervise)
@require_POST
def remove_step(request: StaffRequest, code: str, name: str) -> HttpResponse:
    own = get_object_or_404(OwnCourse, code=code)
    rules.remove_step(own, name, by=request.user, now=timezone.now())
    return redirect("course", code)


@staff(permissions.supervise)
@require_POST
def record(request: StaffRequest, code: str, name: str) -> HttpResponse:
    own = get_object_or_404(OwnCourse, code=code)
    form = RecordingForm(request.POST, request.FILES, lines=own.step.get(name, {}).get("says", []))
    if not form.is_valid():
        raise Refused(first_error(form))
    wav = form.cleaned_data["file"].read()
    rules.record_line(own, form.cleaned_data["line"], wav, by=request.user, now=timezone.now())
    return redirect("course-step", code, name)


@staff(permissions.supervise)
@require_POST
def restore(request: StaffRequest, code: str) -> HttpResponse:
    rules.restore_course(get_object_or_404(OwnCourse, code=code), by=request.user, now=timezone.now())
    return redirect("practices")


def _step(own: OwnCourse, name: str) -> Step:
    given = own.step[name]
    branches = tuple(Branch(Signal(signal), value, to) for signal, value, to in given["branches"])
    return Step(tuple(given["says"]), branches, given["end"])

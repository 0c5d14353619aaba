import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.undo import label_undo, offer_undo

from . import rules
from .forms import FinishTaskForm, MoveTaskForm, TaskForm
from .models import Case
from .presentation import OF_TASK, attempt, members, show_case, with_case

label_undo("ended", gettext_lazy("The task is over."), gettext_lazy("Take it back"))


@staff(permissions.follow_cases)
@require_http_methods(["GET", "POST"])
@with_case
def tasks(request: StaffRequest, case: Case) -> HttpResponse:
    """Show the tasks of the case, or plan one."""
    if request.method == "GET":
        return show_case(request, case, "tasks")
    form, by, now = TaskForm(request.POST, team=members(case), auto_id=OF_TASK), request.user, timezone.now()
    return attempt(request, case, "task", form, lambda typed: rules.plan_task(case, **typed, by=by, now=now))


@staff(permissions.follow_cases)
@require_POST
@with_case
def finish_task(request: StaffRequest, case: Case, task: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(case.tasks.select_related("case"), pk=task)
    form, by, now = FinishTaskForm(request.POST, auto_id=False), request.user, timezone.now()
    answer = attempt(request, case, "finish", form, lambda typed: rules.finish_task(found, **typed, by=by, now=now))
    return offer_undo(answer, "ended", reverse("case-task-resume", args=[case.pk, found.pk]))


@staff(permissions.follow_cases)
@require_POST
@with_case
def resume_task(request: StaffRequest, case: Case, task: uuid.UUID) -> HttpResponse:
    """Reopen a task that the user has just ended by mistake."""
    found = get_object_or_404(case.tasks.select_related("case"), pk=task)
    rules.resume_task(found, by=request.user, now=timezone.now())
    return redirect("case", case.pk)


@staff(permissions.follow_cases)
@require_POST
@with_case
def move_task(request: StaffRequest, case: Case, task: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(case.tasks.select_related("case"), pk=task)
    form, by, now = MoveTaskForm(request.POST, auto_id=False), request.user, timezone.now()
    return attempt(request, case, "move", form, lambda typed: rules.move_task(found, **typed, by=by, now=now))

"""Care for those who answer: one's own page, and for supervisors that of each person. Nobody is compared."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import Role, User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error
from amparo.foundation.core.pages import is_script
from amparo.foundation.core.refusal import Refused
from amparo.line.roster.rules import current_rest, end_rest

from . import rules
from .forms import DebriefForm
from .models import Debrief
from .picklists import DebriefState

ANSWERING = (Role.OPERATOR, Role.SUPERVISOR)
SHOWN = 30  # talks of one person


@staff(permissions.take_calls)
@require_GET
def wellbeing(request: StaffRequest) -> HttpResponse:
    """Show one's own load, rest and talks. Supervisors also find links to the pages of the others, by name."""
    return _page(request, request.user, timezone.now())


@staff(permissions.take_calls)
@require_GET
def wellbeing_of_person(request: StaffRequest, number: int) -> HttpResponse:
    """The page of another person, for supervisors alone."""
    return _page(request, get_object_or_404(_visible_people(request), pk=number), timezone.now())


@staff(permissions.take_calls)
@require_POST
def take_debrief(request: StaffRequest, number: int) -> HttpResponse:
    debrief = get_object_or_404(Debrief, pk=number)
    form = DebriefForm(debrief, request.POST)
    if refusal := first_error(form):
        raise Refused(refusal)
    rules.take_debrief(debrief, **form.cleaned_data, by=request.user, now=timezone.now())
    return redirect("wellbeing")


@staff(permissions.take_calls)
@require_POST
def decline_debrief(request: StaffRequest, number: int) -> HttpResponse:
    rules.decline_debrief(get_object_or_404(Debrief, pk=number), by=request.user, now=timezone.now())
    return redirect("wellbeing")


@staff(permissions.take_calls)
@require_POST
def end_own_rest(request: StaffRequest) -> HttpResponse:
    """Let calls ring for oneself again."""
    end_rest(by=request.user, now=timezone.now())
    return HttpResponse(status=204) if is_script(request) else redirect("wellbeing")


def _visible_people(request: StaffRequest) -> QuerySet[User]:
    """Return the users whose pages this user may open, by name: for a supervisor everybody, for others themselves."""
    own = User.objects.filter(pk=request.user.pk)
    if not permissions.supervise(request.user):
        return own
    everybody = User.objects.filter(agency=request.user.agency, role__in=ANSWERING, is_active=True, is_machine=False)
    return everybody.order_by("first_name", "pk")


def _page(request: StaffRequest, person: User, now: datetime) -> HttpResponse:
    talks = Debrief.objects.newest_of(person)[:SHOWN]
    typed = {"talked_at": timezone.localtime(now)}
    unanswered = [talk for talk in talks if talk.state != DebriefState.TAKEN and talk.is_recent(now)]
    context = {
        "person": person, "is_own": person == request.user, "rest": current_rest(person, now), "room": "wellbeing",
        "talks": [(talk, talk in unanswered and DebriefForm(talk, initial=typed)) for talk in talks],
        "charts": rules.load_charts(person, by=request.user, now=now),
        "people": _visible_people(request) if permissions.supervise(request.user) else [],
    }  # fmt: skip
    return render(request, "contacts/wellbeing.html", context)

"""Danger in a call, over every page of who takes calls: what waits for an answer, and the answer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.access.session_state import SessionState, open_to
from amparo.foundation.core.pages import number
from amparo.line.switchboard.danger import DangerAlert, acknowledge_danger
from amparo.line.switchboard.models import Call

from .answering import Unusable, done, operators, verb
from .keys import BY_NAME

AT_ONCE = 30  # alerts that one press acknowledges: no more than are counted on the screen
IN_WORDS = 3  # of these


@open_to(SessionState.LOCKED)  # it says who of us marked it and where the call is, and nothing of the caller
@operators
@require_GET
def danger(request: StaffRequest) -> HttpResponse:
    """What sounds for this person now, and who is on what she marked herself; 204 when there is nothing to say."""
    shown = _shown(request.user)
    if not (shown["alerts"] or shown["answered"]):
        return HttpResponse(status=204)
    return render(request, "desk/_danger_alerts.html", shown)


@verb
def acknowledge(request: StaffRequest) -> HttpResponse:
    """All that was on the screen: `alert`, as often as there were."""
    sent = request.POST.getlist("alert")[:AT_ONCE]
    numbers = [pk for text in sent if (pk := number(text)) is not None]
    if not numbers or len(numbers) < len(sent):
        raise Unusable(_("Say which danger you are on: load the page again."))
    for alert in DangerAlert.objects.filter(pk__in=numbers):
        acknowledge_danger(alert, by=request.user, now=timezone.now())
    return done(request)


def _shown(user: User) -> dict[str, Any]:
    mine = Call.objects.live().of(user.pk)
    alerts = list(DangerAlert.objects.waiting_for(user, timezone.now()).select_related("call", "raised_by")[:AT_ONCE])
    answered = DangerAlert.objects.filter(call__in=mine, acknowledged_at__isnull=False)
    return {
        "alerts": [(alert, _with(alert.call)) for alert in alerts[:IN_WORDS]],
        "numbers": [alert.pk for alert in alerts],
        "more": max(0, len(alerts) - IN_WORDS),
        "answered": answered.exclude(acknowledged_by=user).select_related("acknowledged_by"),
        "sounds": bool(alerts) and not mine.exists(),  # whoever talks with a caller sees it, and hears the caller
        "key": BY_NAME["seen"],
    }


def _with(call: Call) -> list[User]:
    """Who of us is in the call now."""
    return list(User.objects.filter(pk__in=call.operators))

"""Danger alerts, shown over every page of users who take calls, and their acknowledgement."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.access.session_state import SessionState, allow_session_states
from amparo.foundation.core.pages import parse_number
from amparo.line.chat.models import Chat
from amparo.line.contacts.models import Contact
from amparo.line.switchboard.danger import acknowledge_danger
from amparo.line.switchboard.models import ANSWER_SHOWN, UNANSWERED_AFTER, Call, DangerAlert, State

from .answering import UnusableRequest, answer_done, for_operators, operator_action
from .keys import BY_NAME

IN_WORDS = 3  # alerts that a page shows in words, and that one press acknowledges; of the others it says how many
PUT_AWAY = "danger_put_away"  # in the session: answered alerts that this user has read
PUT_AWAY_KEPT = 50


@allow_session_states(SessionState.LOCKED)  # it names the colleague and the call, and nothing of the caller
@for_operators
@require_GET
def danger_alerts(request: StaffRequest) -> HttpResponse:
    """Show the danger alerts that sound for this user, and the user's own alert that a colleague has acknowledged.

    Supervisors also see the alert that they acknowledged last. 204 if there are none.
    """
    shown = _alerts_context(request)
    if not (shown["alerts"] or shown["answered"] or shown["taken"]):
        return HttpResponse(status=204)
    return render(request, "desk/_danger_alerts.html", shown)


@operator_action
def acknowledge_alerts(request: StaffRequest) -> HttpResponse:
    """Acknowledge every alert that was on the screen: the parameter `alert`, once for each.

    The parameter `from`, "wallboard", leads back there.
    """
    texts = request.POST.getlist("alert")[:IN_WORDS]
    numbers = [pk for text in texts if (pk := parse_number(text)) is not None]
    if not numbers or len(numbers) < len(texts):
        raise UnusableRequest(_("Say which danger you are on: load the page again."))
    now = timezone.now()
    for alert in DangerAlert.objects.waiting_for(request.user, now).filter(pk__in=numbers):
        acknowledge_danger(alert, by=request.user, now=now)
    if request.POST.get("from") == "wallboard":
        return redirect("wallboard")
    return answer_done(request)


@operator_action
def put_away(request: StaffRequest) -> HttpResponse:
    """Show an answered alert no more to this user: the parameter `alert`. One that waits for an answer stays."""
    number = parse_number(request.POST.get("alert", ""))
    if number is None:
        raise UnusableRequest(_("Say which danger you are on: load the page again."))
    request.session[PUT_AWAY] = [*request.session.get(PUT_AWAY, []), number][-PUT_AWAY_KEPT:]
    return answer_done(request)


def is_put_away(request: StaffRequest, alert: DangerAlert) -> bool:
    return alert.acknowledged_at is not None and alert.pk in request.session.get(PUT_AWAY, [])


def _alerts_context(request: StaffRequest) -> dict[str, Any]:
    user, now = request.user, timezone.now()
    own_calls = Call.objects.live().involving(user.pk)
    own_chats = Chat.objects.with_operator(user).values("pk")
    waiting = DangerAlert.objects.waiting_for(user, now)
    alerts = [_describe(alert, user, now) for alert in waiting.select_related("call", "raised_by")[:IN_WORDS]]
    since = now - ANSWER_SHOWN
    read = request.session.get(PUT_AWAY, [])
    own = DangerAlert.objects.filter(Q(call__in=own_calls) | Q(chat__in=own_chats) | Q(raised_by=user))
    newest = own.select_related("acknowledged_by").order_by("at").last()
    known_at = newest.acknowledged_at if newest and newest.acknowledged_by != user else None
    open_chats = Chat.objects.open().values("pk")  # a letter may stay open for days
    goes_on = Q(call__in=Call.objects.live()) | Q(chat__in=open_chats, acknowledged_at__gt=since)
    own_taken = DangerAlert.objects.filter(goes_on, acknowledged_by=user).exclude(pk__in=read)
    taken = own_taken.order_by("acknowledged_at").last()
    answered = newest if newest and known_at and known_at > since and newest.pk not in read else None
    contact = _contact_of(answered, user) if answered else None
    # the page of this contact has the whole sentence; in the head of a call the console shows it by itself
    is_here = contact is not None and str(contact.pk) == request.GET.get("contact")
    return {
        # others cannot open a colleague's call
        "taken": _describe(taken, user, now) if taken and permissions.supervise(user) else None,
        "alerts": alerts,
        "more": max(0, waiting.count() - IN_WORDS),
        "answered": None if is_here and "head" in request.GET else answered,
        "contact": contact,
        "is_here": is_here,
        # a user in a call sees the alert, but must hear the caller
        "sounds": bool(alerts) and not own_calls.exclude(invited__contains=[user.pk]).exists(),
        "key": BY_NAME["seen"],
    }


def _contact_of(alert: DangerAlert, user: User) -> Contact | None:
    """Return the contact of the alert's call or chat; None: it is not open yet, or this user may not read it."""
    conversation = Q(call=alert.call_id) if alert.call_id else Q(chat=alert.chat)
    return Contact.objects.visible_to(user).filter(conversation).only("number").first()


def _describe(alert: DangerAlert, user: User, now: datetime) -> dict[str, Any]:
    """Return the alert, its contact, whether its call or chat has ended, and the staff in that conversation now.

    `is_unanswered`: this user raised it, and nobody has acknowledged it for a minute.
    """
    is_unanswered = alert.raised_by_id == user.pk and alert.at <= now - UNANSWERED_AFTER
    if alert.call is not None:
        people, has_ended = list(User.objects.filter(pk__in=alert.call.operators)), alert.call.state == State.ENDED
    else:
        chat = Chat.objects.filter(pk__in=[alert.chat]).select_related("operator").only("state", "operator").first()
        people, has_ended = [chat.operator] if chat and chat.operator else [], chat is None or not chat.is_open
    contact = _contact_of(alert, user) if alert.acknowledged_at else None  # who hears of it first may not read it
    return {
        "alert": alert,
        "contact": contact,
        "has_ended": has_ended,
        "people": people,
        "is_unanswered": is_unanswered,
    }

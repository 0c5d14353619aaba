"""The console: the page, its parts, and the operator's own seat."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.access.session_state import SessionState, allow_session_states
from amparo.foundation.audit.rules import sealer_status
from amparo.foundation.core.pages import is_script
from amparo.line.contacts.forms import ConversationForm
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import acknowledge_hard_call
from amparo.line.roster import rules
from amparo.line.roster.models import Device, Queue, State
from amparo.line.switchboard.attempts import GivenUpReason
from amparo.line.switchboard.models import ThirdParty
from amparo.line.switchboard.rules import desk_phone_encryption

from . import queue
from .answering import UnusableRequest, answer_done, for_operators, operator_action, others_to_home
from .console import Console, Mode, console_of
from .danger_views import is_put_away
from .keys import KEYS
from .other_work import other_work
from .panel_views import articles_to_suggest, tabs_of
from .talks import talks_of
from .thread import chat_context

PARTS = {"main": ["main", "bar"], "queue": ["queue"], "guide": ["guide"]}  # what is drawn together
CHOSEN = (State.READY, State.BREAK, State.OFF)  # nobody chooses busy: a call sets it


@others_to_home
@for_operators
def console(request: StaffRequest) -> HttpResponse:
    return show_console(request)


def show_console(request: StaffRequest, status: int = 200, wanted: str = "", **more: Any) -> HttpResponse:
    """Show the whole console; `wanted` is as of `console_of`, and `more` goes into its context."""
    context = _console_context(request, wanted) | {"room": "console", "keys": KEYS}
    context |= _thread_context(context["console"]) | more
    if wanted and str(context["console"].chat and context["console"].chat.pk) != wanted:
        context["text"] = ""  # what was typed for one person never stands in the answer to another
    return render(request, "desk/console.html", context, status=status)


@for_operators
def console_part(request: StaffRequest, name: str) -> HttpResponse:
    """Redraw one part of the console.

    With the main part comes the bar, whose keys must fit it. The main part itself is left out if the page shows the
    right one already (`shows`), because somebody may be typing there; then come the strips and the tabs inside it.
    """
    shown = _console_context(request)
    console = shown["console"]
    parts = list(PARTS[name])
    if name == "main" and request.GET.get("shows") == console.shows:
        has_tabs = console.mode in (Mode.WRITING, Mode.WRAP_UP)
        parts = ["talks", "strips", "bar"] if has_tabs else ["strips", "bar"]
    if "main" in parts:
        shown |= _thread_context(shown["console"])
    return render(request, "desk/parts.html", shown | {"parts": parts})


def _thread_context(shown: Console) -> dict[str, Any]:
    return chat_context(shown.chat, shown.user, shown.now) if shown.chat else {}


@for_operators
def call_bar(request: StaffRequest) -> HttpResponse:
    """Show the operator's current call with its keys, on pages other than the console; 204 if there is none."""
    console = console_of(request.user, timezone.now())
    if console.mode is not Mode.CALL:
        return HttpResponse(status=204)
    return render(request, "desk/_call_bar.html", {"console": console, "keys": KEYS})


@allow_session_states(SessionState.LOCKED)
@for_operators
def ringing(request: StaffRequest) -> HttpResponse:
    """Say on a locked desk that a call rings, without saying whose; 204 if none does."""
    if console_of(request.user, timezone.now()).mode not in (Mode.RING, Mode.INVITED):
        return HttpResponse(status=204)
    return HttpResponse(_("Incoming call. Show that it is you, and answer."), content_type="text/plain; charset=utf-8")


@operator_action
def hard_call_seen(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Record that a supervisor talked with the operator who found this call hard."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    acknowledge_hard_call(contact, by=request.user, now=timezone.now())
    return answer_done(request)


@operator_action
def set_seat_state(request: StaffRequest, state: str) -> HttpResponse:
    """Set the own seat to ready, on a break, or off shift."""
    if state not in CHOSEN:
        raise UnusableRequest(_("Choose ready, break or off."))
    rules.set_state(State(state), by=request.user, now=timezone.now())
    return answer_done(request)


@operator_action
def set_device(request: StaffRequest) -> HttpResponse:
    """Choose the browser or the desk phone for audio."""
    if (chosen := request.POST.get("device")) not in Device.values:
        raise UnusableRequest(_("Choose this browser or the desk phone."))
    rules.set_device(Device(chosen), by=request.user)
    return answer_done(request)


@operator_action
def issue_phone_secret(request: StaffRequest) -> HttpResponse:
    """Give the desk phone a new secret, shown only once."""
    secret = rules.issue_phone_secret(by=request.user)
    template = "desk/_device.html" if is_script(request) else "desk/phone.html"
    return render(request, template, _console_context(request) | {"secret": secret})


def _console_context(request: StaffRequest, wanted: str = "") -> dict[str, Any]:
    now = timezone.now()
    chats = queue.chats_for(request.user)
    shown = console_of(request.user, now, chats, wanted or request.GET.get("chat", ""))
    may_take_calls = rules.may_take(Queue.CALLS, request.user.pk, now)
    in_practice = shown.chat is not None and shown.chat.practice_of_id is not None
    return {
        "console": shown,
        "contact": shown.contact,
        "call": shown.call,
        "form": ConversationForm.of(shown.contact) if shown.contact else None,
        "earlier": shown.earlier,
        "waiting": queue.waiting_calls(request.user),
        "chats": chats,
        "talks": lambda: talks_of(request.user, chats, shown.chat),
        "writes_on": any(chat != shown.chat and not chat.is_expected for chat in chats.own),  # with somebody else
        "nobody_else_free": lambda: not queue.is_somebody_free(now, besides=request.user),
        "may_answer": shown.mode in (Mode.IDLE, Mode.RING, Mode.WRITING, Mode.WRAP_UP),
        "may_take_calls": may_take_calls,
        "not_certified": rules.NOT_CERTIFIED[Queue.CALLS],
        "is_certified": lambda: rules.is_certified(Queue.CALLS, request.user.pk, now),  # only an idle console asks
        "may_take_chats": bool(chats.next) and rules.may_take(Queue.CHATS, request.user.pk, now),
        "to_return": queue.people_to_call_back(now, shows_numbers=may_take_calls),
        "reasons_to_give_up": GivenUpReason.choices,
        **vars(other_work(request.user, now)),
        "shift": queue.colleagues_on_shift(now, request.user),
        "phone_address": settings.ENVIRONMENT.phone_address,
        "desk_phone": lambda: desk_phone_encryption(by=request.user),  # a callable, because few pages show it
        "ledger": sealer_status(),
        "now": now,
        "third_parties": ThirdParty.choices,
        "tabs": [] if in_practice else tabs_of(request.user),  # an invented person has no case
        "suggestions": articles_to_suggest,  # a callable: only the tabs beside a contact show them
        "danger_is_put_away": shown.danger is not None and is_put_away(request, shown.danger),
        "level": range(0, 72, 8),
    }

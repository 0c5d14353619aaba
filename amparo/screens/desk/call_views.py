"""What an operator does with a call. The switchboard decides whether it is possible now."""

import functools
from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.core.pages import View, is_script, parse_number
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.switchboard import rules
from amparo.line.switchboard.danger import raise_danger_after
from amparo.line.switchboard.models import Call

from .after_answering import mark_busy_and_open_contact
from .answering import UnusableRequest, answer_done, operator_action, sdp_offer_in


def for_followers(may: Callable[[Call, User], bool]) -> Callable[[View], View]:
    """Decorate a view of one action on a call, for users for whom `may(call, user)` is true. Others get 404."""

    def decorate(view: View) -> View:
        @operator_action
        @functools.wraps(view)
        def answer(request: StaffRequest, pk: UUID) -> HttpResponseBase:
            if not may(_call_or_404(pk), request.user):
                raise Http404
            return view(request, pk)

        return answer

    return decorate


@operator_action
def answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Answer a waiting call. The voice is connected before the contact is opened."""
    sdp = rules.answer(_call_or_404(pk), sdp_offer_in(request), by=request.user)
    mark_busy_and_open_contact(request.user)
    return _answer_with_sdp(request, sdp)


@operator_action
def join(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Join a call after an invitation, or rejoin after the page was reloaded."""
    sdp, is_mute = rules.join(_call_or_404(pk), sdp_offer_in(request), by=request.user)
    mark_busy_and_open_contact(request.user)
    return _answer_with_sdp(request, sdp, is_mute)


@operator_action
def catch_up(request: StaffRequest) -> HttpResponse:
    """Open the contact of the user's call, if the switchboard had not written the call when it was answered."""
    mark_busy_and_open_contact(request.user)
    return answer_done(request)


@operator_action
def pass_on(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.decline(_call_or_404(pk), by=request.user)
    return answer_done(request)


@operator_action
def hold(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.hold(_call_or_404(pk), by=request.user)
    return answer_done(request)


@operator_action
def resume(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.resume(_call_or_404(pk), by=request.user)
    return answer_done(request)


@operator_action
def mute(request: StaffRequest, pk: UUID) -> HttpResponse:
    if (on := request.POST.get("on")) not in ("0", "1"):
        raise UnusableRequest(_("Say whether to mute: 1 or 0."))
    rules.mute(_call_or_404(pk), on == "1", by=request.user)
    return answer_done(request)


@operator_action
def invite(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Invite a colleague into the call: the first half of a warm transfer."""
    colleague = parse_number(request.POST.get("colleague", ""))
    if colleague is None:
        raise UnusableRequest(_("Choose a colleague."))
    rules.invite(_call_or_404(pk), get_object_or_404(User, pk=colleague, is_active=True), by=request.user)
    return answer_done(request)


@operator_action
def dial_in(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Call a number into the call. The number is sent in the body of the request, never in an address."""
    rules.dial_in(_call_or_404(pk), request.POST.get("number", ""), request.POST.get("role", ""), by=request.user)
    return answer_done(request)


@operator_action
def hang_up_third_party(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.hang_up_third_party(_call_or_404(pk), by=request.user)
    return answer_done(request)


@operator_action
def leave(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.leave(_call_or_404(pk), by=request.user)
    return answer_done(request)


@for_followers(rules.may_listen)
def listen(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Follow a running call. The console connects the sound afterwards (`join`)."""
    rules.listen(_call_or_404(pk), by=request.user)
    return answer_done(request)


@for_followers(rules.may_intervene)
def whisper(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.whisper(_call_or_404(pk), by=request.user)
    return answer_done(request)


@for_followers(rules.may_intervene)
def write_whisper(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Write a sentence to the operators of a call. It is sent in the body of the request, never in an address."""
    rules.write_whisper(_call_or_404(pk), request.POST.get("words", ""), by=request.user)
    return answer_done(request)


@for_followers(rules.may_intervene)
def speak(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Turn a supervisor or mentor who follows a call into an operator of it, whom the caller hears."""
    rules.speak(_call_or_404(pk), by=request.user)
    mark_busy_and_open_contact(request.user)
    return answer_done(request)


@for_followers(rules.may_intervene)
def take_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Give a call to a supervisor or mentor who follows it or is in it, in the place of its operators."""
    rules.take_over(_call_or_404(pk), by=request.user)
    mark_busy_and_open_contact(request.user)
    return answer_done(request)


@operator_action
def stop_listening(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.stop_listening(_call_or_404(pk), by=request.user)
    return answer_done(request)


@operator_action
def end(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.end(_call_or_404(pk), by=request.user)
    return answer_done(request)


@operator_action
def raise_danger(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Raise a danger alert for a call.

    If the call has just ended, or the switchboard is away, the alert is raised without the switchboard.
    """
    call = _call_or_404(pk)
    try:
        rules.mark_danger(call, by=request.user)
    except (Refused, Unreachable):
        raise_danger_after(call, by=request.user, now=timezone.now())
    return answer_done(request)


@operator_action
def mark_silent(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.mark_silent(_call_or_404(pk), by=request.user)
    return answer_done(request)


def _call_or_404(pk: UUID) -> Call:
    call: Call = get_object_or_404(Call, pk=pk)
    return call


def _answer_with_sdp(request: StaffRequest, sdp: str | None, is_mute: bool = False) -> HttpResponse:
    return JsonResponse({"answer": sdp, "muted": is_mute}) if is_script(request) else answer_done(request)

"""Calling people back: those who asked for it on a safe-contact card, and those who left a message."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.core.pages import is_script, parse_number
from amparo.line.contacts import rules as contacts
from amparo.line.contacts.models import SafeContact
from amparo.line.roster.models import State
from amparo.line.roster.rules import set_state
from amparo.line.switchboard import rules
from amparo.line.switchboard.media.g711 import as_wav
from amparo.line.switchboard.models import Call, Language, Message

from .answering import UnusableRequest, answer_done, for_operators, operator_action, sdp_offer_in


@operator_action
def call_contact(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Call somebody back as their safe-contact card allows. A refusal names the reason and the hours."""
    now = timezone.now()
    contact = contacts.start_callback(pk, by=request.user, now=now)
    number = contacts.safe_number(contact, by=request.user, now=now)
    language = _prompt_language((contact.card and contact.card.language) or contact.language)
    call, sdp = rules.call_back(number, language, sdp_offer_in(request), by=request.user)
    set_state(State.BUSY, by=request.user, now=now)
    contacts.open_contact_of_return_call(contact, call, by=request.user, now=now)
    return _answer_with_sdp(request, call, sdp)


@operator_action
def call_message(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Call the number that a caller left, within the hours they chose."""
    message, now = _message_or_404(pk), timezone.now()
    number = contacts.number_of_message(message, by=request.user, now=now)
    contact = contacts.take_message(message, by=request.user, now=now)
    call, sdp = rules.call_back(number, message.call.language, sdp_offer_in(request), by=request.user)
    set_state(State.BUSY, by=request.user, now=now)
    contacts.open_contact_of_return_call(contact, call, by=request.user, now=now)
    return _answer_with_sdp(request, call, sdp)


@operator_action
def take_message(request: StaffRequest, pk: UUID) -> HttpResponse:
    contacts.take_message(_message_or_404(pk), by=request.user, now=timezone.now())
    return answer_done(request)


@operator_action
def give_message(request: StaffRequest, pk: UUID) -> HttpResponse:
    contacts.assign_message(_message_or_404(pk), _chosen_colleague(request), by=request.user)
    return answer_done(request)


@operator_action
def give_callback(request: StaffRequest, pk: UUID) -> HttpResponse:
    contacts.assign_callback(_card_or_404(pk), _chosen_colleague(request), by=request.user)
    return answer_done(request)


@operator_action
def finish_message(request: StaffRequest, pk: UUID) -> HttpResponse:
    why = request.POST.get("why", "")
    contacts.finish_message(_message_or_404(pk), given_up=why, by=request.user, now=timezone.now())
    return answer_done(request)


@operator_action
def record_reached(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Record that somebody spoke with the person."""
    contacts.record_reached(_card_or_404(pk), by=request.user, now=timezone.now())
    return answer_done(request)


@operator_action
def give_up_calling(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Stop calling this person. The parameter `why` is a value of `GivenUpReason`."""
    contacts.give_up_calling(_card_or_404(pk), request.POST.get("why", ""), by=request.user, now=timezone.now())
    return answer_done(request)


@for_operators
def play_sound(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Play a spoken message to somebody who may call back; no browser keeps it."""
    message = get_object_or_404(Message.objects.select_related("key").exclude(sound=None), pk=pk)
    sound = contacts.sound_of_message(message, by=request.user, now=timezone.now())
    return HttpResponse(as_wav(sound), content_type="audio/wav")


def _prompt_language(language: str) -> Language:
    """Return the language of the prompts in the call, such as on hold: Spanish if they are not recorded in this one."""
    return Language(language) if language in Language.values else Language.SPANISH


def _message_or_404(pk: UUID) -> Message:
    message: Message = get_object_or_404(Message.objects.select_related("key", "call"), pk=pk)
    return message


def _chosen_colleague(request: StaffRequest) -> User:
    chosen = parse_number(request.POST.get("colleague", ""))
    if chosen is None:
        raise UnusableRequest(_("Choose a colleague."))
    return get_object_or_404(User, pk=chosen, is_active=True)


def _card_or_404(pk: UUID) -> SafeContact:
    return get_object_or_404(SafeContact, pk=pk)


def _answer_with_sdp(request: StaffRequest, call: Call, sdp: str | None) -> HttpResponse:
    return JsonResponse({"answer": sdp, "call": str(call.pk)}) if is_script(request) else answer_done(request)

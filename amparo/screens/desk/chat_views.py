"""Answering who writes: one page with the thread, the field, and the contact that was opened before the first word."""

import uuid
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.core.pages import is_script
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.key_access import has_key
from amparo.line.chat import rules
from amparo.line.chat.models import Chat
from amparo.line.contacts.forms import ConversationForm
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import take_chat
from amparo.line.roster.models import State
from amparo.line.roster.rules import set_state

from .answering import done, operators, verb
from .keys import KEYS


@operators
@require_GET
def chat(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _page(request, _mine(request, pk))


@operators
@require_GET
def thread(request: StaffRequest, pk: UUID) -> HttpResponse:
    return render(request, "desk/_thread.html", _shown(_mine(request, pk)))


@verb
def take(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Answer whoever writes; the contact is opened before the first word."""
    now = timezone.now()
    take_chat(_chat(pk), by=request.user, now=now)
    set_state(State.BUSY, by=request.user, now=now)
    return redirect("chat-of-desk", pk)


@verb
def write(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is refused is not lost: a script keeps it in its field, and without one it comes back in the page."""
    it, text, name = _chat(pk), request.POST.get("text", ""), request.POST.get("name", "")
    try:
        rules.answer_chat(it, text, pk=_uuid(name), by=request.user, now=timezone.now())
    except Refused as reason:
        if is_script(request):
            raise
        return _page(request, _mine(request, pk), str(reason), text, status=422)
    return HttpResponse(status=204) if is_script(request) else redirect("chat-of-desk", pk)


@verb
def hand_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.hand_back(_chat(pk), by=request.user, now=timezone.now())
    return done(request)


@verb
def end(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Then its contact is wrapped up, as after a call."""
    it = rules.end_chat(_chat(pk), by=request.user, now=timezone.now())
    return redirect("contact", get_object_or_404(Contact.objects.only("pk"), chat=it).pk)


def _page(request: StaffRequest, it: Chat, refusal: str = "", text: str = "", status: int = 200) -> HttpResponse:
    contact = Contact.objects.visible_to(request.user).select_related("key").get(chat=it)
    more = {"contact": contact, "form": ConversationForm.of(contact), "refusal": refusal, "text": text}
    context = _shown(it) | more | {"room": "console", "keys": KEYS, "longest": rules.LONGEST}
    return render(request, "desk/chat.html", context, status=status)


def _shown(it: Chat) -> dict[str, Any]:
    now = timezone.now()
    return {"chat": it, "written": it.read(), "reads": it.reads(now), "name": uuid.uuid4(), "now": now}


def _mine(request: StaffRequest, pk: UUID) -> Chat:
    """Of whoever answers it, or answered it last; until it is forgotten."""
    mine = Chat.objects.filter(has_key(request.user.acting()), operator=request.user)
    return get_object_or_404(mine.select_related("key"), pk=pk)


def _chat(pk: UUID) -> Chat:
    return get_object_or_404(Chat, pk=pk)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid.uuid4()

"""Answering somebody who writes, by any channel, in the console."""

import uuid
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.core.pages import is_script
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.key_access import has_key
from amparo.line.channels.rules import answer_in_channel
from amparo.line.chat import rules
from amparo.line.chat.models import Chat
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import give_chat_code, take_chat
from amparo.line.roster.models import State
from amparo.line.roster.rules import set_state
from amparo.programme.training.rules import react_in_chat

from .answering import answer_done, for_operators, operator_action
from .thread import chat_context
from .views import show_console


@for_operators
@require_GET
def chat(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show what was written: in the console while something is to be done with it, else on a page of its own."""
    found, now = _own_chat(request, pk), timezone.now()
    if found.is_open or Contact.objects.visible_to(request.user).open().filter(chat=found).exists():
        return _to_console(pk)
    context = chat_context(found, request.user, now) | {"room": "console"}
    context["contact"] = Contact.objects.visible_to(request.user).filter(chat=found).first()
    return render(request, "desk/chat.html", context)


@for_operators
@require_GET
def thread(request: StaffRequest, pk: UUID) -> HttpResponse:
    return render(request, "desk/_thread.html", chat_context(_own_chat(request, pk), request.user, timezone.now()))


@operator_action
def take(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take a waiting chat. Its contact is opened before the first message.

    The parameter `into` is the id of the contact of a call that this chat continues; blank: none.
    """
    now = timezone.now()
    into = request.POST.get("into", "")
    take_chat(_chat_or_404(pk), into=_uuid_or_new(into) if into else None, by=request.user, now=now)
    set_state(State.BUSY, by=request.user, now=now)
    return HttpResponse(status=204) if is_script(request) else _to_console(pk)


@operator_action
def give_code(request: StaffRequest, contact: UUID) -> HttpResponse:
    """Give the caller of this contact a chat code. This is the only page that ever shows it."""
    found = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact)
    context: dict[str, Any] = {"contact": found, "room": "console"}
    try:
        context["code"] = give_chat_code(found, by=request.user, now=timezone.now())
        found.refresh_from_db(fields=["chat"])
    except Refused as reason:
        context["refusal"] = str(reason)
    return render(request, "desk/chat_code.html", context, status=422 if "refusal" in context else 200)


@operator_action
def write(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Send a message. A refused message is not lost: the script keeps it in the field, or the page shows it again."""
    chat, text, name = _chat_or_404(pk), request.POST.get("text", ""), request.POST.get("name", "")
    try:
        now = timezone.now()
        answer_in_channel(chat, text, pk=_uuid_or_new(name), by=request.user, now=now)
        react_in_chat(chat, text, by=request.user, now=now)
    except Refused as reason:
        if is_script(request):
            raise
        _own_chat(request, pk)  # else 404
        return show_console(request, 422, str(pk), refusal=reason, text=text)
    return HttpResponse(status=204) if is_script(request) else _to_console(pk)


@operator_action
def take_back(request: StaffRequest, pk: UUID, message: UUID) -> HttpResponse:
    """Take back an answer that waits to be sent. What is being typed stays."""
    try:
        rules.take_back(_chat_or_404(pk), message, by=request.user, now=timezone.now())
    except Refused as reason:
        if is_script(request):
            raise
        _own_chat(request, pk)  # else 404
        return show_console(request, 422, str(pk), refusal=reason)
    return HttpResponse(status=204) if is_script(request) else redirect("chat-of-desk", pk)


@operator_action
def hand_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.hand_back(_chat_or_404(pk), by=request.user, now=timezone.now())
    return answer_done(request)


@operator_action
def raise_danger(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.raise_danger_in_chat(_chat_or_404(pk), by=request.user, now=timezone.now())
    return HttpResponse(status=204) if is_script(request) else _to_console(pk)


@operator_action
def end(request: StaffRequest, pk: UUID) -> HttpResponse:
    """End the chat; its contact is then wrapped up, as after a call."""
    chat = rules.end_chat(_chat_or_404(pk), by=request.user, now=timezone.now())
    get_object_or_404(Contact.objects.only("pk"), chat=chat)
    return HttpResponse(status=204) if is_script(request) else _to_console(pk)


def _to_console(chat: UUID) -> HttpResponse:
    return redirect(f"{reverse('console')}?chat={chat}")


def _own_chat(request: StaffRequest, pk: UUID) -> Chat:
    """Return a chat that this user answers, or was the last to answer, unless it is forgotten. Else: 404."""
    own = Chat.objects.filter(has_key(request.user.acting()), operator=request.user)
    return get_object_or_404(own.select_related("key"), pk=pk)


def _chat_or_404(pk: UUID) -> Chat:
    return get_object_or_404(Chat, pk=pk)


def _uuid_or_new(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid.uuid4()

"""Answering somebody who writes, by any channel: one page with the thread, the text field and the contact."""

import uuid
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest
from amparo.foundation.core.pages import is_script
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.key_access import has_key
from amparo.line.channels.rules import answer_in_channel, channel_of, outside_hours
from amparo.line.chat import rules
from amparo.line.chat.models import Chat
from amparo.line.contacts.forms import ConversationForm
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import give_chat_code, take_chat
from amparo.line.roster.models import State
from amparo.line.roster.rules import set_state
from amparo.line.switchboard.models import Call, DangerAlert
from amparo.programme.training.rules import react_in_chat

from .answering import answer_done, for_operators, operator_action
from .keys import KEYS
from .panel_views import articles_to_suggest, tabs_of
from .queue import sentence_about_chat


@for_operators
@require_GET
def chat(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _page(request, _own_chat(request, pk))


@for_operators
@require_GET
def thread(request: StaffRequest, pk: UUID) -> HttpResponse:
    return render(request, "desk/_thread.html", _thread_context(_own_chat(request, pk), request.user))


@operator_action
def take(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take a waiting chat. Its contact is opened before the first message.

    The parameter `into` is the id of the contact of a call that this chat continues; blank: none.
    """
    now = timezone.now()
    into = request.POST.get("into", "")
    take_chat(_chat_or_404(pk), into=_uuid_or_new(into) if into else None, by=request.user, now=now)
    set_state(State.BUSY, by=request.user, now=now)
    return redirect("chat-of-desk", pk)


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
        return _page(request, _own_chat(request, pk), str(reason), text, status=422)
    return HttpResponse(status=204) if is_script(request) else redirect("chat-of-desk", pk)


@operator_action
def take_back(request: StaffRequest, pk: UUID, message: UUID) -> HttpResponse:
    """Take back an answer that waits to be sent. What is being typed stays."""
    try:
        rules.take_back(_chat_or_404(pk), message, by=request.user, now=timezone.now())
    except Refused as reason:
        return _page(request, _own_chat(request, pk), str(reason), status=422)
    return redirect("chat-of-desk", pk)


@operator_action
def hand_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.hand_back(_chat_or_404(pk), by=request.user, now=timezone.now())
    return answer_done(request)


@operator_action
def raise_danger(request: StaffRequest, pk: UUID) -> HttpResponse:
    rules.raise_danger_in_chat(_chat_or_404(pk), by=request.user, now=timezone.now())
    return HttpResponse(status=204) if is_script(request) else redirect("chat-of-desk", pk)


@operator_action
def end(request: StaffRequest, pk: UUID) -> HttpResponse:
    """End the chat; its contact is then wrapped up, as after a call."""
    chat = rules.end_chat(_chat_or_404(pk), by=request.user, now=timezone.now())
    contact = get_object_or_404(Contact.objects.only("pk"), chat=chat)
    return redirect(reverse("contact", args=[contact.pk], fragment="to-close"))


def _page(request: StaffRequest, chat: Chat, refusal: str = "", text: str = "", status: int = 200) -> HttpResponse:
    contact = Contact.objects.visible_to(request.user).select_related("key").get(chat=chat)
    more = {
        "contact": contact,
        "form": ConversationForm.of(contact),
        "refusal": refusal,
        "text": text,
        "suggestions": articles_to_suggest,
    }
    more["tabs"] = [] if chat.practice_of_id else tabs_of(request.user)  # an invented person has no case
    context = _thread_context(chat, request.user) | more | {"room": "console", "keys": KEYS, "longest": rules.LONGEST}
    return render(request, "desk/chat.html", context, status=status)


def _thread_context(chat: Chat, user: User) -> dict[str, Any]:
    now = timezone.now()
    return {
        "chat": chat, "calls": Call.objects.waiting().filter(chat=chat.pk).exists(),
        "channel": channel_of(chat), "written": chat.read(), "reads": chat.is_page_open(now),
        "is_in_danger": DangerAlert.objects.filter(chat=chat.pk).exists(),
        "has_opted_out": chat.has_opted_out, "outside": None if chat.is_on_page else outside_hours(chat, now),
        "word": sentence_about_chat(chat, user), "name": uuid.uuid4(), "now": now,
    }  # fmt: skip


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

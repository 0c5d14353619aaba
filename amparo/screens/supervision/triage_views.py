"""Views: the list of all waiting calls and chats, passing one of them on, and taking back an answer in one."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.chat.models import Chat
from amparo.line.chat.rules import pass_chat_to, take_back, why_left_to_colleague
from amparo.line.switchboard.models import Call
from amparo.line.switchboard.rules import LONGEST_WHISPER, pass_to, write_of_chat
from amparo.screens.desk import queue

from .forms import PassOnForm
from .triage import everybody


@staff(permissions.supervise)
@require_GET
def who_waits(request: StaffRequest) -> HttpResponse:
    return render(request, "supervision/triage.html", _shown())


@staff(permissions.supervise)
@require_GET
def who_waits_now(request: StaffRequest) -> HttpResponse:
    return render(request, "supervision/_triage.html", _shown())


@staff(permissions.supervise)
@require_POST
def pass_call(request: StaffRequest, pk: UUID) -> HttpResponse:
    call = get_object_or_404(Call, pk=pk)

    def pass_on(colleague: User, words: str, instead_of: int | None) -> None:
        pass_to(call, colleague, words, instead_of=instead_of, by=request.user)

    return _passed_on(request, pk, pass_on)


@staff(permissions.supervise)
@require_POST
def pass_chat(request: StaffRequest, pk: UUID) -> HttpResponse:
    before = get_object_or_404(Chat, pk=pk)

    def pass_on(colleague: User, words: str, instead_of: int | None) -> None:
        chat = pass_chat_to(before, colleague, instead_of=instead_of, by=request.user, now=timezone.now())
        if words or before.passed_to_id is not None:
            transaction.on_commit(lambda: _write_of_chat(chat, colleague, words, request.user))

    return _passed_on(request, pk, pass_on)


@staff(permissions.supervise)
@require_GET
def unsent(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show the answers that wait to be sent in a chat without an operator."""
    chat = get_object_or_404(Chat.objects.select_related("key"), pk=pk, practice_of=None)
    if reason := why_left_to_colleague(chat):
        return _refused(request, reason)
    context = {"chat": chat, "answers": chat.read_unsent(), "room": "wallboard"}
    return render(request, "supervision/unsent.html", context)


@staff(permissions.supervise)
@require_POST
def take_back_unsent(request: StaffRequest, pk: UUID, message: UUID) -> HttpResponse:
    try:
        take_back(get_object_or_404(Chat, pk=pk), message, by=request.user, now=timezone.now())
    except Refused as reason:
        return _refused(request, str(reason))
    return redirect("unsent-answers", pk)


def _write_of_chat(chat: Chat, colleague: User, words: str, by: User) -> None:
    """Send the sentence to the switchboard, which may be away. Runs after the commit, so that no row is locked."""
    try:
        write_of_chat(chat.pk, colleague, words, by=by)
    except Unreachable as away:
        if words:
            raise Unreachable(
                _("The chat is passed on, but without your sentence: the switchboard is away for a moment.")
            ) from away
    notify("chats")


def _passed_on(request: StaffRequest, pk: UUID, pass_on: Callable[[User, str, int | None], None]) -> HttpResponse:
    """Pass on what the form says, then show the list, or the console if the supervisor takes the call: it rings there.

    After a refusal the list has the operator and the sentence that were typed. The sentence is never in a URL.
    """
    form = PassOnForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(
                _("Choose a colleague whose console is open, and write one sentence of at most %(most)s characters.")
                % {"most": LONGEST_WHISPER}
            )
        pass_on(*(form.cleaned_data[name] for name in ("colleague", "words", "instead_of")))
    except Refused as reason:
        return _refused(request, str(reason), typed=form, typed_for=str(pk))
    return redirect("console" if form.cleaned_data["colleague"] == request.user else "triage")


def _refused(request: StaffRequest, refusal: str, **typed: object) -> HttpResponse:
    """The list, with the reason above it."""
    shown = _shown() | typed | {"refusal": refusal}
    return render(request, "supervision/triage.html", shown, status=HTTPStatus.CONFLICT)


def _shown() -> dict[str, Any]:
    now = timezone.now()
    waiting, number = everybody()
    return {
        "waiting": waiting, "number": number, "more": number - len(waiting), "shift": queue.on_shift(now),
        "longest": LONGEST_WHISPER, "now": now, "room": "wallboard",
    }  # fmt: skip

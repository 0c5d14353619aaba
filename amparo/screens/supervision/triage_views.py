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
from amparo.line.switchboard.rules import LONGEST_WHISPER, pass_to, write_sentence_on_chat
from amparo.screens.desk import queue

from .forms import PassOnForm
from .triage import waiting_conversations


@staff(permissions.supervise)
@require_GET
def who_waits(request: StaffRequest) -> HttpResponse:
    return render(request, "supervision/triage.html", _list_context())


@staff(permissions.supervise)
@require_GET
def who_waits_now(request: StaffRequest) -> HttpResponse:
    return render(request, "supervision/_triage.html", _list_context())


@staff(permissions.supervise)
@require_POST
def pass_call(request: StaffRequest, pk: UUID) -> HttpResponse:
    call = get_object_or_404(Call, pk=pk)

    def pass_on(colleague: User, words: str, instead_of: int | None) -> None:
        pass_to(call, colleague, words, instead_of=instead_of, by=request.user)

    return _pass_on_and_redirect(request, pk, pass_on)


@staff(permissions.supervise)
@require_POST
def pass_chat(request: StaffRequest, pk: UUID) -> HttpResponse:
    before = get_object_or_404(Chat, pk=pk)

    def pass_on(colleague: User, words: str, instead_of: int | None) -> None:
        chat = pass_chat_to(before, colleague, instead_of=instead_of, by=request.user, now=timezone.now())
        if words or before.passed_to_id is not None:
            transaction.on_commit(lambda: _send_sentence(chat, colleague, words, request.user))

    return _pass_on_and_redirect(request, pk, pass_on)


@staff(permissions.supervise)
@require_GET
def unsent_answers(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show the answers that wait to be sent in a chat without an operator."""
    chat = get_object_or_404(Chat.objects.select_related("key"), pk=pk, practice_of=None)
    if reason := why_left_to_colleague(chat):
        return _list_with_refusal(request, reason)
    context = {"chat": chat, "answers": chat.read_unsent(), "room": "wallboard"}
    return render(request, "supervision/unsent.html", context)


@staff(permissions.supervise)
@require_POST
def take_back_unsent(request: StaffRequest, pk: UUID, message: UUID) -> HttpResponse:
    try:
        take_back(get_object_or_404(Chat, pk=pk), message, by=request.user, now=timezone.now())
    except Refused as reason:
        return _list_with_refusal(request, str(reason))
    return redirect("unsent-answers", pk)


def _send_sentence(chat: Chat, colleague: User, words: str, by: User) -> None:
    """Send the sentence to the switchboard, which may be away. Runs after the commit, so that no row is locked."""
    try:
        write_sentence_on_chat(chat.pk, colleague, words, by=by)
    except Unreachable as away:
        if words:
            raise Unreachable(
                _("The chat is passed on, but without your sentence: the switchboard is away for a moment.")
            ) from away
    notify("chats")


def _pass_on_and_redirect(
    request: StaffRequest, pk: UUID, pass_on: Callable[[User, str, int | None], None]
) -> HttpResponse:
    """Pass on a call or chat to the colleague in the form, then redirect to the list.

    Supervisors who pass a call to themselves are redirected to the console, where it rings. After a refusal the list
    shows the chosen operator and the typed sentence again. The sentence is never in a URL.
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
        return _list_with_refusal(request, str(reason), typed=form, typed_for=str(pk))
    return redirect("console" if form.cleaned_data["colleague"] == request.user else "triage")


def _list_with_refusal(request: StaffRequest, refusal: str, **typed: object) -> HttpResponse:
    """Show the list with the reason of a refusal above it."""
    shown = _list_context() | typed | {"refusal": refusal}
    return render(request, "supervision/triage.html", shown, status=HTTPStatus.CONFLICT)


def _list_context() -> dict[str, Any]:
    now = timezone.now()
    waiting, number = waiting_conversations()
    return {
        "waiting": waiting, "number": number, "more": number - len(waiting), "shift": queue.colleagues_on_shift(now),
        "longest": LONGEST_WHISPER, "now": now, "room": "wallboard",
    }  # fmt: skip

"""Handle one request of the visitor's page. The page shown is the same with and without a script.

`sent`: the fields of the request by name, such as `request.POST`.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.foundation.access.spoken_codes import group_digits, new_code
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.core.refusal import RateLimited, Refused
from amparo.line.roster.models import SEEN_WITHIN
from amparo.line.switchboard.models import Language

from . import rules
from .models import Chat, State
from .receipts import acting_with, entry_of, page_mark

SILENT = timedelta(minutes=10)  # a page without a request for so long counts as closed
LOOK_EVERY = timedelta(seconds=10)  # at most one record of the open page in this time

type Line = Callable[
    [], tuple[float, str | None]
]  # returns seconds to be placed behind, and the name of a proof of work


@dataclass(frozen=True)
class ShownMessage:
    """A message, decrypted while the visitor's access is active. The template that shows it has no access any more."""

    from_bearer: bool
    text: str


@dataclass(frozen=True)
class Visit:
    """What the page shows. Without a chat: a form to begin one and a form to come back."""

    receipt: str  # in groups of digits; of this chat, or of one that may begin here
    mark: str
    chat: Chat | None = None
    written: tuple[ShownMessage, ...] = ()
    stands: str = ""  # the status, as a sentence
    version: str = ""  # of everything shown; the script asks whether it has changed
    has_changed: bool = True
    typed: str = ""  # the receipt that the visitor typed
    text: str = ""  # typed text that is not stored yet
    refusal: str = ""
    status: int = 200
    opens_nothing: bool = False  # a well-formed receipt of no chat: it counts as a guess

    @property
    def next(self) -> uuid.UUID:
        """The id of the visitor's next message."""
        return uuid.uuid4()


def empty_visit(sent: Any, refusal: str = "", status: int = 200, *, opens_nothing: bool = False) -> Visit:
    """Return a page without a chat that still shows what was typed."""
    receipt = new_code()
    is_back = sent.get("do") == "back"
    return Visit(
        receipt, page_mark(receipt), typed=str(sent.get("receipt", ""))[:60] if is_back else "",
        text=str(sent.get("text", "")), refusal=refusal, status=status, opens_nothing=opens_nothing,
    )  # fmt: skip


def is_known_page(sent: Any) -> bool:
    """Whether the request has a valid mark for its receipt. Then it is not a guess."""
    try:
        return entry_of(str(sent.get("receipt", "")), str(sent.get("mark", ""))) is not None
    except Refused:
        return False


def chat_of_caller(sent: Any) -> tuple[uuid.UUID, int | None]:
    """Return the id of the chat whose open page asks for a call, and the user id of its operator; None: it waits.

    Raises `Refused` without the chat's receipt and the mark of its current entry, and for a chat that has ended.
    """
    with _open_page(sent) as chat:
        return chat.pk, rules.operator_of(chat)


def record_call(sent: Any) -> None:
    """Record that the switchboard took the call of this page. Raises `Refused` as `chat_of_caller` does."""
    with _open_page(sent) as chat:
        rules.call_from_chat(chat)


@contextmanager
def _open_page(sent: Any) -> Iterator[Chat]:
    """Act as the visitor of the chat whose current page sent this. Raises `Refused` for any other page."""
    receipt = group_digits(str(sent.get("receipt", ""))[:60])
    acting = acting_with(receipt)
    with acting_as(acting):
        chat = Chat.objects.of(acting)
        if chat is None or entry_of(receipt, str(sent.get("mark", ""))) != chat.entries:
            raise Refused(_("This chat went on in another page. To come back to it here, type its chat code."))
        yield chat


def handle_visit(sent: Any, line: Line, now: datetime) -> Visit:
    """Do what the page asks (begin, say, look, watch or back), then return what it shows.

    `line` is called for a new chat only: it returns the seconds to be placed behind others, and the work (see `Line`).
    """
    try:
        receipt = group_digits(str(sent.get("receipt", ""))[:60])
        acting = acting_with(receipt)
        with acting_as(acting):
            return _handle_visit(acting, receipt, sent, line, now)
    except Refused as reason:
        return empty_visit(sent, str(reason), _status_code(reason))


def _handle_visit(acting: Actor, receipt: str, sent: Any, line: Line, now: datetime) -> Visit:
    entry = entry_of(receipt, str(sent.get("mark", "")))
    begins = entry is not None and sent.get("do") == "begin"
    chat = Chat.objects.of_new_visitor(acting) if begins else Chat.objects.of(acting)
    if chat is None and begins:
        return _visit_of(_begin_chat(acting, sent, line, now), receipt, sent, now)
    if chat is None:
        nothing = _("This chat code opens nothing, or nothing any more. Compare the digits, or call us.")
        return empty_visit(sent, nothing, 422, opens_nothing=True)
    if entry is not None and entry != chat.entries:
        raise Refused(_("This chat went on in another page. To come back to it here, type its chat code."))
    if entry is None or now - chat.seen_at > SILENT:
        rules.come_in(chat, now=now)
    elif now - chat.seen_at > LOOK_EVERY:
        rules.record_page_open(chat, now=now)
    try:
        _write_message(chat, sent, now)
    except Refused as reason:
        return _visit_of(chat, receipt, sent, now, str(reason), _status_code(reason))
    return _visit_of(chat, receipt, sent, now)


def _begin_chat(acting: Actor, sent: Any, line: Line, now: datetime) -> Chat:
    behind, work = line()
    language = Language(sent.get("language")) if sent.get("language") in Language.values else Language.SPANISH
    return rules.begin_chat(
        acting, str(sent.get("text", "")), pk=_message_id(sent), language=language, behind=behind, work=work, now=now
    )


def _write_message(chat: Chat, sent: Any, now: datetime) -> None:
    if sent.get("do") == "say" or "quick" in sent:
        quick = short_answers().get(str(sent.get("quick")), "")
        rules.write_as_visitor(chat, quick or str(sent.get("text", "")), pk=_message_id(sent), now=now)


def _visit_of(chat: Chat, receipt: str, sent: Any, now: datetime, refusal: str = "", status: int = 200) -> Visit:
    before, on_shift, operator_is_present = _queue_position(chat, now)
    version = f"{chat.entries}.{chat.state}.{before}.{on_shift > 0}.{operator_is_present}.{chat.messages.count()}"
    has_changed = sent.get("do") != "watch" or sent.get("shown") != version
    written = tuple(ShownMessage(message.from_bearer, message.text) for message in chat.read()) if has_changed else ()
    stands = _status_text(chat, before, on_shift, operator_is_present)
    return Visit(
        receipt, page_mark(receipt, chat.entries), chat, written, stands, version, has_changed,
        text=str(sent.get("text", "")) if refusal else "", refusal=refusal, status=status,
    )  # fmt: skip


def short_answers() -> dict[str, str]:
    """Return the answers that the visitor sends with one tap, by the value of the button."""
    return {"yes": _("Yes"), "no": _("No"), "unsure": _("I do not know"), "later": _("Not now")}


def _status_text(chat: Chat, before: int, on_shift: int, operator_is_present: bool) -> str:
    if chat.state == State.ENDED:
        return _(
            "This chat has ended. Close the page: this device keeps nothing of it; the line keeps what was written."
        )
    if chat.state == State.TALKING and operator_is_present:
        if _has_changed_hands(chat):
            return _("Another person from the team is with you now, and reads what you write.")
        return _("A person is with you, and reads what you write.")
    if chat.state == State.TALKING:
        return _("Who answered you is away for a moment. What you write is kept; soon they or a colleague read it.")
    if not on_shift:
        return _("Nobody is on shift now. What you wrote waits here, and whoever comes next sees it first.")
    if before:
        return (
            ngettext(
                "Wait here: %d person is answered before you.", "Wait here: %d people are answered before you.", before
            )
            % before
        )
    return _("Wait here: you are the next. A person will answer.")


def _queue_position(chat: Chat, now: datetime) -> tuple[int, int, bool]:
    """Return the number of chats before this one, that of operators on shift, and whether the chat's own is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select before, on_shift, operator_is_present from chat_queue_position(%s, %s)",
            [chat.pk, now - SEEN_WITHIN],
        )
        before, on_shift, operator_is_present = cursor.fetchone()
        return before, on_shift, operator_is_present


def _has_changed_hands(chat: Chat) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select chat_has_changed_hands(%s)", [chat.pk])
        (has_changed,) = cursor.fetchone()
        return bool(has_changed)


def _message_id(sent: Any) -> uuid.UUID:
    """Return the message id that the page made, or a new one."""
    try:
        return uuid.UUID(str(sent.get("name")))
    except ValueError:
        return uuid.uuid4()


def _status_code(reason: Refused) -> int:
    return 429 if isinstance(reason, RateLimited) else 422

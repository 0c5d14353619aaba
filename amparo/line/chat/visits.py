"""One question of the visitor's page, and its answer: the same with a script and without."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.foundation.access.spoken_codes import grouped, new_code
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.core.refusal import RateLimited, Refused
from amparo.line.roster.models import SEEN_WITHIN
from amparo.line.switchboard.models import Language

from . import rules
from .models import Chat, State
from .receipts import acting_with, entry_of, mark

SILENT = timedelta(minutes=10)  # a page that did not look for so long was closed: who goes on with it comes back
LOOK_EVERY = timedelta(seconds=10)  # not each question of a page is written down

type Line = Callable[[], tuple[float, str | None]]  # seconds to stand behind, and the name of a work that was done


@dataclass(frozen=True)
class ShownMessage:
    """Opened while it was asked for; the page itself may ask no more."""

    from_bearer: bool
    text: str


@dataclass(frozen=True)
class Visit:
    """What the page shows. Without a chat: the form to begin one, and the one to come back."""

    receipt: str  # in groups; of the chat, or the one that a new chat will have
    mark: str
    chat: Chat | None = None
    written: tuple[ShownMessage, ...] = ()
    stands: str = ""  # how it stands, in a sentence
    version: str = ""  # of all that; the page's script asks whether it has changed
    has_changed: bool = True
    typed: str = ""  # as a receipt
    text: str = ""  # what was typed, and is not kept yet
    refusal: str = ""
    status: int = 200
    opens_nothing: bool = False  # it could be a receipt of ours, and is none: a guess, and no slip

    @property
    def next(self) -> uuid.UUID:
        """The name of what she writes next."""
        return uuid.uuid4()


def empty_visit(sent: Any, refusal: str = "", status: int = 200, *, opens_nothing: bool = False) -> Visit:
    """Nothing is opened; what was typed is still there."""
    receipt = new_code()
    is_back = sent.get("do") == "back"
    return Visit(
        receipt, mark(receipt), typed=str(sent.get("receipt", ""))[:60] if is_back else "",
        text=str(sent.get("text", "")), refusal=refusal, status=status, opens_nothing=opens_nothing,
    )  # fmt: skip


def is_known_page(sent: Any) -> bool:
    """Whether it comes from a page that was opened with this receipt before: no guess of whoever found one."""
    try:
        return entry_of(str(sent.get("receipt", "")), str(sent.get("mark", ""))) is not None
    except Refused:
        return False


def handle_visit(sent: Any, line: Line, now: datetime) -> Visit:
    """Do first what is asked (begin, say, look, watch, back), then show how it stands. `line` gives a place in it."""
    try:
        receipt = grouped(str(sent.get("receipt", ""))[:60])
        acting = acting_with(receipt)
        with acting_as(acting):
            return _handle(acting, receipt, sent, line, now)
    except Refused as reason:
        return empty_visit(sent, str(reason), _status(reason))


def _handle(acting: Actor, receipt: str, sent: Any, line: Line, now: datetime) -> Visit:
    entry = entry_of(receipt, str(sent.get("mark", "")))
    begins = entry is not None and sent.get("do") == "begin"
    chat = Chat.objects.of_new_visitor(acting) if begins else Chat.objects.of(acting)
    if chat is None and begins:
        return _shown(_begin(acting, sent, line, now), receipt, sent, now)
    if chat is None:
        nothing = _("This chat code opens nothing, or nothing any more. Compare the digits, or call us.")
        return empty_visit(sent, nothing, 422, opens_nothing=True)
    if entry is not None and entry != chat.entries:
        raise Refused(_("This chat went on in another page. To come back to it here, type its chat code."))
    if entry is None or now - chat.seen_at > SILENT:
        rules.come_in(chat, now=now)
    elif now - chat.seen_at > LOOK_EVERY:
        rules.look(chat, now=now)
    try:
        _say(chat, sent, now)
    except Refused as reason:
        return _shown(chat, receipt, sent, now, str(reason), _status(reason))
    return _shown(chat, receipt, sent, now)


def _begin(acting: Actor, sent: Any, line: Line, now: datetime) -> Chat:
    behind, work = line()
    language = Language(sent.get("language")) if sent.get("language") in Language.values else Language.SPANISH
    return rules.begin(
        acting, str(sent.get("text", "")), pk=_name(sent), language=language, behind=behind, work=work, now=now
    )


def _say(chat: Chat, sent: Any, now: datetime) -> None:
    if sent.get("do") == "say" or "quick" in sent:
        quick = short_answers().get(str(sent.get("quick")), "")
        rules.write(chat, quick or str(sent.get("text", "")), pk=_name(sent), now=now)


def _shown(chat: Chat, receipt: str, sent: Any, now: datetime, refusal: str = "", status: int = 200) -> Visit:
    before, on_shift, is_with_her = _before(chat, now)
    version = f"{chat.entries}.{chat.state}.{before}.{on_shift > 0}.{is_with_her}.{chat.messages.count()}"
    has_changed = sent.get("do") != "watch" or sent.get("shown") != version
    written = tuple(ShownMessage(it.from_bearer, it.text) for it in chat.read()) if has_changed else ()
    stands = _stands(chat, before, on_shift, is_with_her)
    return Visit(
        receipt, mark(receipt, chat.entries), chat, written, stands, version, has_changed,
        text=str(sent.get("text", "")) if refusal else "", refusal=refusal, status=status,
    )  # fmt: skip


def short_answers() -> dict[str, str]:
    """By one tap."""
    return {"yes": _("Yes"), "no": _("No"), "unsure": _("I do not know"), "later": _("Not now")}


def _stands(chat: Chat, before: int, on_shift: int, is_with_her: bool) -> str:
    if chat.state == State.ENDED:
        return _("This chat has ended. Close the page: nothing of it stays here.")
    if chat.state == State.TALKING and is_with_her:
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


def _before(chat: Chat, now: datetime) -> tuple[int, int, bool]:
    """How many are answered before her, how many of us are on shift, and whether who answers her is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select before, on_shift, is_with_her from chat_queue_position(%s, %s)", [chat.pk, now - SEEN_WITHIN]
        )
        before, on_shift, is_with_her = cursor.fetchone()
        return before, on_shift, is_with_her


def _name(sent: Any) -> uuid.UUID:
    """As the page made it; of its own where it made none."""
    try:
        return uuid.UUID(str(sent.get("name")))
    except ValueError:
        return uuid.uuid4()


def _status(reason: Refused) -> int:
    return 429 if isinstance(reason, RateLimited) else 422

"""Actions on a call, for the web. The switchboard does them, or refuses with a sentence (`Refused`).

`offer` and the returned answer are the SDP of the operator's browser. None: the operator uses the desk phone.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action, allowed
from amparo.foundation.access.models import User
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.line.roster.rules import mentor_of, trainees_of

from . import control
from .danger import alert_in_chat as alert_in_chat  # for the room of chats
from .destinations import parse_destination, parse_telephone_number
from .models import Call
from .picklists import Trunk
from .receipts import call_of_receipt, receipt_of

LONGEST_WHISPER = 140  # characters of a sentence that is read during a call


@allowed(permissions.take_calls)
def answer(call: Call, offer: str | None, *, by: User) -> str | None:
    """Take a waiting call. Raises `Refused` if a colleague was quicker or the caller has gone."""
    return _ask_for_sdp("answer", call, by, offer=offer)


@allowed(permissions.take_calls)
def join(call: Call, offer: str | None, *, by: User) -> tuple[str | None, bool]:
    """Join a call after an invitation, or again after a page reload.

    Returns the SDP answer, and whether the operator is still muted from before.
    """
    answer = _ask("join", call, by, offer=offer)
    return answer.get("sdp"), answer["muted"]


@allowed(permissions.take_calls)
def decline(call: Call, *, by: User) -> None:
    """Decline an invitation, or a call that rings: it then rings for the next operator."""
    _ask("decline", call, by)


@allowed(permissions.take_calls)
def hold(call: Call, *, by: User) -> None:
    """Put the caller on hold, with music and a message that the operator will be back."""
    _ask("hold", call, by)


@allowed(permissions.take_calls)
def resume(call: Call, *, by: User) -> None:
    _ask("resume", call, by)


@allowed(permissions.take_calls)
def mute(call: Call, on: bool, *, by: User) -> None:
    """Mute or unmute the operator for everybody in the call."""
    _ask("mute", call, by, on=on)


@allowed(permissions.take_calls)
def invite(call: Call, colleague: User, *, by: User) -> None:
    """Invite a colleague: a three-way call, or a warm transfer once `by` leaves."""
    _ask("invite", call, by, colleague=colleague.pk)


@action(permissions.take_calls, label=gettext_lazy("called somebody into the call"))
def dial_in(call: Call, number: str, role: str, *, by: User) -> None:
    """Call an interpreter, the police or others into a running call. Once they answer, everybody hears them.

    `number` is a number or SIP address; it goes to the switchboard and nowhere else. `role` is a `ThirdParty`.
    """
    _ask("dial_in", call, by, number=parse_destination(number), role=role)


@allowed(permissions.take_calls)
def hang_up_third_party(call: Call, *, by: User) -> None:
    """Hang up the third party, or stop calling them."""
    _ask("hang_up_third_party", call, by)


@allowed(permissions.take_calls)
def leave(call: Call, *, by: User) -> None:
    """Leave the call to the colleagues in it. Raises `Refused` for the last operator, who must end it."""
    _ask("leave", call, by)


def may_listen(call: Call, user: User) -> bool:
    """Whether this user may follow the call: a supervisor, or the mentor or trainee of somebody in it."""
    return may_intervene(call, user) or mentor_of(user) in call.operators


def may_intervene(call: Call, user: User) -> bool:
    """Whether this user may whisper, join the call and take it over: a supervisor, or the mentor of an operator."""
    return permissions.supervise(user) or not trainees_of(user, timezone.now()).isdisjoint(call.operators)


def _trainees_of_mentor(user: User) -> list[int] | None:
    """Return the ids of this user's trainees. None: a supervisor, who may intervene in every call."""
    return None if permissions.supervise(user) else [*trainees_of(user, timezone.now())]


@action(permissions.take_calls, label=gettext_lazy("listened to the call"))
def listen(call: Call, *, by: User) -> None:
    """Follow a running call without being heard. The operators see it, and the sound is connected by `join`.

    Raises `Refused` where the administrator has not allowed it.
    """
    _refuse_unless(may_listen(call, by))
    beside = _trainees_of_mentor(by)
    if beside is not None and (mentor := mentor_of(by)):
        beside.append(mentor)
    _ask("listen", call, by, beside=beside)


@action(permissions.take_calls, label=gettext_lazy("whispered to the operator"))
def whisper(call: Call, *, by: User) -> None:
    """Speak to the operators of a running call; the caller does not hear it."""
    _refuse_unless(may_intervene(call, by))
    _ask("whisper", call, by, beside=_trainees_of_mentor(by))


@action(permissions.take_calls, label=gettext_lazy("wrote to the operator"))
def write_whisper(call: Call, words: str, *, by: User) -> None:
    """Show one short sentence to the operators of a call that `by` follows.

    The words go to the switchboard's memory and nowhere else, and are gone when `by` stops following or the call ends.
    """
    _refuse_unless(may_intervene(call, by))
    if not words.strip():
        raise Refused(_("Write one sentence of at most %(most)s characters.") % {"most": LONGEST_WHISPER})
    _ask("write_whisper", call, by, words=_cleaned_sentence(words))


@allowed(permissions.take_calls)
def read_whisper(call: Call, *, by: User) -> tuple[int, str] | None:
    """Return the sentence about this call for `by` to read: its author's user id, and the words. None: none."""
    answer = _ask("read_whisper", call, by)
    return (answer["by"], answer["words"]) if answer else None


@action(permissions.supervise, label=gettext_lazy("passed the call on to a colleague"))
def pass_to(call: Call, colleague: User, words: str = "", *, instead_of: int | None = None, by: User) -> None:
    """Let a waiting call ring for this operator before others, and show them one sentence, as a written whisper.

    The call keeps its place: if they do not answer, it rings for the next one. `instead_of`: the id of the operator to
    whom it was passed on when `by` looked. Raises `Refused` if it was passed on to another one since, and for a
    colleague whose console is closed, who is on a break, or who is not certified.
    """
    _ask("pass_to", call, by, colleague=colleague.pk, words=_cleaned_sentence(words), instead_of=instead_of)


@allowed(permissions.supervise)
def write_sentence_on_chat(chat: UUID, colleague: User, words: str, *, by: User) -> None:
    """Show a sentence about a chat to the colleague to whom `by` passed it on. Blank words show none."""
    control.ask(
        "write_sentence_on_chat", chat=str(chat), user=by.pk, colleague=colleague.pk, words=_cleaned_sentence(words)
    )


def forget_sentence_on_chat(chat: UUID) -> None:
    """Delete what `write_sentence_on_chat` stored. A switchboard that is away has lost it already, with its memory."""
    with suppress(Unreachable):
        control.ask("write_sentence_on_chat", chat=str(chat), user=0, colleague=0, words="")


@allowed(permissions.take_calls)
def read_sentence_on_chat(chat: UUID, *, by: User) -> tuple[int, str] | None:
    """Return the sentence about this chat for `by` to read: its author's user id, and the words. None: none.

    The author is the supervisor who passed the chat on to `by` (`write_sentence_on_chat`).
    """
    answer = control.ask("read_sentence_on_chat", chat=str(chat), user=by.pk)
    return (answer["by"], answer["words"]) if answer else None


@action(permissions.take_calls, label=gettext_lazy("joined the call"))
def speak(call: Call, *, by: User) -> None:
    """Join a call that `by` follows: everybody hears them, and they count as an operator from now on."""
    _refuse_unless(may_intervene(call, by))
    _ask("speak", call, by)


@action(permissions.take_calls, label=gettext_lazy("took the call over"))
def take_over(call: Call, *, by: User) -> None:
    """Take over a call that `by` follows or is in. The other operators leave it; for a mentor, only her trainees do."""
    _refuse_unless(may_intervene(call, by))
    _ask("take_over", call, by, trainees=_trainees_of_mentor(by))


@action(permissions.take_calls, label=gettext_lazy("stopped listening"))
def stop_listening(call: Call, *, by: User) -> None:
    _ask("stop_listening", call, by)


@allowed(permissions.supervise)
def slow_down(call: Call, *, on: bool, by: User) -> None:
    """Place the next calls of this caller behind others for two hours (`on`), or stop doing so.

    They are never refused, and the danger key moves them ahead as before. Raises `Refused` for a withheld number, and
    `Unreachable` while the switchboard is away.
    """
    if call.pseudonym is None:
        raise Refused(_("The number was withheld: a next call is not recognised as theirs."))
    control.ask("slow", pseudonym=bytes(call.pseudonym).hex(), on=on)


def slowed_until(call: Call) -> datetime | None:
    """Return until when this caller's calls are placed behind others. None: they are not, or nobody can say now."""
    if call.pseudonym is None:
        return None
    try:
        until = control.ask("slowed_until", pseudonym=bytes(call.pseudonym).hex())["until"]
    except Unreachable:
        return None
    return datetime.fromtimestamp(until, UTC) if until else None


@allowed(permissions.take_calls)
def end(call: Call, *, by: User) -> None:
    """Hang up for everybody."""
    _ask("end", call, by)


@action(permissions.take_calls, label=gettext_lazy("marked danger"))
def mark_danger(call: Call, *, by: User) -> None:
    """Mark danger in this call. It alerts the supervisors, and is logged as done by `by`."""
    _ask("mark_danger", call, by)


@allowed(permissions.take_calls)
def mark_silent(call: Call, *, by: User) -> None:
    """Mark that the caller cannot speak. Their keys 1 and 2 are then shown as yes and no."""
    _ask("mark_silent", call, by)


@allowed(permissions.take_calls)
def call_back(number: str, language: str, offer: str | None, *, by: User) -> tuple[Call, str | None]:
    """Call a safe number, showing the hotline's number. The safe number goes to the switchboard and nowhere else.
    Returns the call, of which only the id is set, and the SDP answer.
    """
    answer = control.ask("call_back", number=parse_telephone_number(number), language=language, user=by.pk, offer=offer)
    return Call(pk=answer["call"]), answer.get("sdp")


def call_from_page(
    offer: str,
    language: str,
    *,
    network: str | None,
    work: str | None,
    chat: UUID | None = None,
    operator: int | None = None,
    again: str = "",
) -> tuple[str, str]:
    """Start a call from the public page, without a sign-in. Returns the SDP answer and the call's receipt.

    `chat` is the id of the chat that goes on by this call, which rings first for its `operator`, a user id. `network`
    goes to the switchboard and nowhere else. It and `work`, the name of a proof of work, decide the place in the queue;
    `again`, the receipt of a call that a fault cut, puts it first. Raises `RateLimited`.
    """
    cut = call_of_receipt(again)
    more = {"network": network, "work": work, "again": str(cut) if cut else ""}
    of_chat = {"chat": str(chat), "operator": operator} if chat else {}
    answer = control.ask("call_from_page", offer=offer, language=language, **more, **of_chat)
    return answer["sdp"], receipt_of(UUID(answer["call"]))


def expect_practice_call(call: UUID, trainee: int, language: str) -> str:
    """Return the word that an invented caller dials within a minute to reach `trainee`, in the call of this id."""
    return str(control.ask("expect_practice", call=str(call), user=trainee, language=language)["line"])


def queue_delay_of_chat(network: str | None) -> float:
    """Return how many seconds behind its arrival a chat from this network is placed; 0 while the switchboard is away.

    `network` goes to the switchboard and nowhere else. Raises `RateLimited`.
    """
    try:
        return float(control.ask("queue_delay_of_chat", network=network)["behind"])
    except Unreachable:
        return 0.0


@dataclass(frozen=True)
class Status:
    """The state of the switchboard, for the administrator's page."""

    calls: int
    ports_taken: int  # for sound
    ports: int
    trunk: Trunk
    opening: list[dict[str, Any]]  # the first words of a call (`Library.opening_prompts`)
    version: str = ""  # of Amparo; after an update it is the one before for a while. Blank: it does not say


def status() -> Status:
    """Return the state of the switchboard. Raises `Unreachable`."""
    answer = {name: it for name, it in control.ask("status").items() if name in Status.__annotations__}
    return Status(**{**answer, "trunk": Trunk(answer["trunk"])})


def is_in_surge() -> bool:
    """Whether more people call or write than the shift can answer. False while the switchboard is away."""
    with suppress(Unreachable):
        return bool(control.ask("ping")["surge"])
    return False


@allowed(permissions.take_calls)
def desk_phone_encryption(*, by: User) -> dict[str, bool | None]:
    """Return whether the "signalling" of the user's desk phone, and the "sound" of its last call, are encrypted.

    A value is None if the phone is not connected, had no call yet, or the switchboard is away.
    """
    try:
        return control.ask("desk_phone_encryption", username=by.username)
    except Unreachable:
        return {"signalling": None, "sound": None}


def _refuse_unless(may: bool) -> None:
    if not may:
        raise Refused(_("Supervisors follow calls, and who sits beside the operator. Ask your supervisor."))


def _cleaned_sentence(words: str) -> str:
    words = " ".join(words.split())
    if len(words) > LONGEST_WHISPER or not words.isprintable():
        raise Refused(_("Write one sentence of at most %(most)s characters.") % {"most": LONGEST_WHISPER})
    return words


def _ask_for_sdp(verb: str, call: Call, by: User, **what: Any) -> str | None:
    sdp: str | None = _ask(verb, call, by, **what).get("sdp")
    return sdp


def _ask(verb: str, call: Call, by: User, **what: Any) -> dict[str, Any]:
    return control.ask(verb, call=str(call.pk), user=by.pk, **what)

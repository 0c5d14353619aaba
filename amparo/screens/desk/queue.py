"""The left column of the console: waiting callers and chats, people to call back, and colleagues on shift."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.core.counts import count_each
from amparo.foundation.core.refusal import Refused, Unreachable
from amparo.foundation.line_settings.rules import current
from amparo.line.chat.models import Chat, ChatMessage
from amparo.line.chat.models import State as ChatState
from amparo.line.contacts import summaries
from amparo.line.contacts.models import Contact, SafeContact
from amparo.line.roster.models import Employment, Seat, Skill
from amparo.line.roster.models import Queue as Calls
from amparo.line.roster.rules import mentor_of, trainees_of
from amparo.line.switchboard.models import Call, Message, SurgeKey
from amparo.line.switchboard.rules import read_sentence_on_chat, read_whisper

LONG_WAIT = timedelta(minutes=2)  # for a voice; after that the wait is shown in red, and sounds
LONG_WAIT_IN_WRITING = timedelta(minutes=4)  # for the first answer to somebody who writes; after that it is urgent
SAME_CALLER = timedelta(hours=2)  # from the start of a call: after that, who writes is hardly its caller
AT_A_GLANCE = 30  # rows; in a flood a thousand may wait, and every console reads the list at each change


@dataclass(frozen=True)
class WaitingCall:
    call: Call
    earlier: int  # number of earlier contacts of the same caller
    word: tuple[User, str] | None = None  # who passed it on to the reader, and their sentence

    @property
    def late_from(self) -> datetime | None:
        return self.call.waiting_since and self.call.waiting_since + LONG_WAIT


@dataclass(frozen=True)
class WaitingCalls:
    """The callers who wait, with the first few in full."""

    next: list[WaitingCall]  # in the order in which they will ring
    number: int
    longest: datetime | None  # when the longest waiting caller began to wait
    in_surge: bool  # more calls than the shift can answer: the switchboard asks each caller to press a key

    @property
    def more(self) -> int:
        return self.number - len(self.next)

    @property
    def late_from(self) -> datetime | None:
        """When the longest wait becomes, or became, a long one."""
        return self.longest and self.longest + LONG_WAIT


@dataclass(frozen=True)
class CallBack:
    """Somebody to call back: from a safe-contact card, or from a message they left."""

    card: SafeContact | None
    message: Message | None
    why_not: str | None  # a sentence; None: they may be called now
    next_at: datetime | None  # when a call is allowed next; None: unknown
    shows_number: bool = False  # whether the reader may call, and so reads the number of a message

    @property
    def number(self) -> str | None:
        """The number left with a message. None: there is none, the reader may not call it, or this is a card."""
        return self.message.number if self.message and self.shows_number else None

    @property
    def given_to(self) -> User | None:
        """The colleague who is to call; None: anybody."""
        return self.card.assigned_to if self.card else self.message.taken_by if self.message else None


@dataclass(frozen=True)
class Colleague:
    """A person on shift: their seat, and the call they are in."""

    seat: Seat
    call: Call | None  # None: not in a call
    is_beside: bool = False  # the reader's trainee or mentor, to whose call they may listen
    skills: tuple[str, ...] = ()  # what they are trained in, as it is shown
    writing: int = 0  # number of chats that this operator answers

    @property
    def since(self) -> datetime:
        return (self.call and self.call.answered_at) or self.seat.since


@dataclass(frozen=True)
class Chats:
    """Chats that wait, and chats that concern this operator."""

    next: list[Chat]  # in the order in which they are answered
    number: int
    own: list[Chat]
    to_close: list[Contact]  # contacts whose chat has ended
    of_others: list[Chat]  # for a supervisor, who may hand them back
    called: Contact | None  # the open contact of this operator's call, which a chat may continue
    words: dict[UUID, tuple[User, str]]  # of chats that were passed on to this operator: by whom, and their sentence

    @property
    def more(self) -> int:
        return self.number - len(self.next)


def chats_for(user: User) -> Chats:
    waiting, talking = Chat.objects.waiting_for(user), Chat.objects.talking()
    ended = Contact.objects.attended_by(user).open().filter(chat__state=ChatState.ENDED)
    own = Q(chat__operator=user) | Q(chat__operator=None)  # a chat handed back is closed by whoever took it next
    to_close = ended.filter(own)
    others = (
        talking.exclude(Q(operator=user) | Q(entries=0)).select_related("operator")
        if permissions.supervise(user)
        else talking.none()
    )
    next_, of_user, to_close_first, others_first = _read_each(
        waiting[:AT_A_GLANCE],
        _with_last_word(Chat.objects.with_operator(user)),
        to_close.order_by("started", "pk")[:AT_A_GLANCE],
        others.order_by("taken_at", "pk")[:AT_A_GLANCE],
    )
    return Chats(
        next_, len(next_) if len(next_) < AT_A_GLANCE else waiting.count(), of_user, to_close_first, others_first,
        _contact_to_join(user) if next_ else None, _sentences_about_chats([*next_, *of_user], user),
    )  # fmt: skip


def _with_last_word(chats: QuerySet[Chat]) -> QuerySet[Chat]:
    """Give each chat two more columns: `waits`, whether the last word is the person's, and `last_at`, when it came."""
    last = ChatMessage.objects.filter(chat=OuterRef("pk"), automatic=False).order_by("-at", "-pk")
    return chats.annotate(waits=Subquery(last.values("from_bearer")[:1]), last_at=Subquery(last.values("at")[:1]))


def answered_last(chat: Any) -> tuple[bool, datetime]:
    """Key to sort one's own chats: first whoever has waited longest for an answer."""
    return not chat.waits, chat.last_at or chat.begun_at


def _read_each(*found: QuerySet[Any]) -> list[list[Any]]:
    """Return the rows of each queryset. One statement says which have any, since most have none on most days."""
    return [list(rows) if number else [] for rows, number in zip(found, count_each(*found, at_most=1), strict=True)]


def _contact_to_join(user: User) -> Contact | None:
    """Return the contact that a chat may continue: the newest open one of a recent call, if nobody writes in it."""
    open_ = Contact.objects.attended_by(user).open().real().filter(operator=user)
    own = open_.filter(Q(chat=None) | Q(chat__entries=0)).filter(started__gt=timezone.now() - SAME_CALLER)
    return own.exclude(call=None).order_by("-started", "-number").first()


def _sentences_about_chats(chats: list[Chat], user: User) -> dict[UUID, tuple[User, str]]:
    read = {chat.pk: sentence_about_chat(chat, user) for chat in chats}
    return {pk: word for pk, word in read.items() if word}


def sentence_about_chat(chat: Chat, user: User) -> tuple[User, str] | None:
    """Return who passed this open chat on to `user`, and the sentence they wrote with it. None: nobody did."""
    is_for_user = chat.is_open and chat.passed_to_id == user.pk
    return _sentence_with_author(lambda: read_sentence_on_chat(chat.pk, by=user)) if is_for_user else None


def sentence_about_call(call: Call, user: User) -> tuple[User, str] | None:
    """Return who wrote a sentence to `user` about this call, and the sentence.

    Only the switchboard keeps it. None: nobody wrote one, or the switchboard is away.
    """
    return _sentence_with_author(lambda: read_whisper(call, by=user))


def _sentence_with_author(read: Callable[[], tuple[int, str] | None]) -> tuple[User, str] | None:
    with suppress(Refused, Unreachable):
        if found := read():
            return User.objects.get(pk=found[0]), found[1]
    return None


def contacts_before(calls: list[Call]) -> dict[UUID, int]:
    """Return how many earlier contacts the caller of each call had, by the id of the call. No entry: none."""
    return summaries.earlier_contact_counts(calls)


def waiting_calls(user: User) -> WaitingCalls:
    calls = Call.objects.waiting()
    shown = list(calls.in_queue_order()[:AT_A_GLANCE])
    earlier = contacts_before(shown)
    first = [
        WaitingCall(
            call, earlier.get(call.pk, 0), sentence_about_call(call, user) if call.passed_to_id == user.pk else None
        )
        for call in shown
    ]
    if len(shown) < AT_A_GLANCE:  # these are all
        longest = min((call.waiting_since for call in shown if call.waiting_since), default=None)
        return WaitingCalls(first, len(shown), longest, any(call.surge_key != SurgeKey.NO_SURGE for call in shown))
    in_surge = Count("pk", filter=~Q(surge_key=SurgeKey.NO_SURGE))
    totals = calls.aggregate(number=Count("pk"), longest=Min("waiting_since"), in_surge=in_surge)
    return WaitingCalls(first, totals["number"], totals["longest"], totals["in_surge"] > 0)


def people_to_call_back(now: datetime, *, shows_numbers: bool = False) -> list[CallBack]:
    """Return the people to call back. Messages come first, because nobody has spoken with these callers yet.

    `shows_numbers`: whether the reader may call back, and so reads the numbers that were left.
    """
    messages = Message.objects.open().select_related("call", "key", "taken_by")
    messages_left = [
        CallBack(None, each, each.why_not_at(now), each.next_call_at(now), shows_numbers) for each in messages
    ]
    cards = SafeContact.objects.wanted()
    return messages_left + [CallBack(card, None, card.why_not_at(now), card.next_call_at(now)) for card in cards]


def is_somebody_free(now: datetime, besides: User | None = None) -> bool:
    """Whether a call can ring for somebody now."""
    return bool(free_people(now, Call.objects.live()) - {besides.pk if besides else None})


def free_people(now: datetime, live: Iterable[Call]) -> set[int]:
    """Return the ids of the operators who are free: ready, allowed to answer calls, in no call and not ringing.

    `live`: all calls that are not over, practice too.
    """
    engaged = {user for call in live for user in (*call.operators, *call.monitors, call.ringing_for_id)}
    return {seat.pk for seat in Seat.objects.ready(now).who_may_take(Calls.CALLS, now) if seat.pk not in engaged}


def colleagues_on_shift(
    now: datetime, reader: User | None = None, live: Iterable[Call] | None = None
) -> list[Colleague]:
    """Return the people on shift. The trainees and the mentor of `reader` are marked (`is_beside`).

    `live`: all calls that are not over, if the page has read them already.
    """
    beside = {*trainees_of(reader, now), mentor_of(reader)} if reader and current().listening else set()
    calls = {user: call for call in (Call.objects.live() if live is None else live) for user in call.operators}
    return [
        Colleague(
            seat, calls.get(seat.pk), seat.pk in beside, tuple(Skill.label_of(it) for it in seat.skills or ()),
            seat.writing or 0,
        )
        for seat in _seats_with_skills(now)
    ]  # fmt: skip


def _seats_with_skills(now: datetime) -> QuerySet[Any]:
    """Return the seats on shift by name.

    Each seat has two more columns: `skills` of the operator (None: not written down), and `writing`, the number of
    chats that the operator answers (None: no chat).
    """
    skills = Employment.objects.filter(user=OuterRef("pk")).values("skills")
    people = Chat.objects.talking().filter(practice_of=None, entries__gt=0)
    of_person = people.filter(operator=OuterRef("pk")).order_by().values("operator")
    writing = of_person.annotate(number=Count("pk")).values("number")
    seats = Seat.objects.on_shift(now).select_related("user")
    seats = seats.annotate(skills=Subquery(skills), writing=Subquery(writing))
    return seats.order_by("user__first_name", "pk")

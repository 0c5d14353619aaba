"""The state of one operator's console, read from rows of the database on each request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from amparo.foundation.access.models import Role, User
from amparo.foundation.core.counts import count_each
from amparo.foundation.line_settings.rules import current
from amparo.line.chat.models import Chat
from amparo.line.chat.models import State as ChatState
from amparo.line.contacts import picklists, summaries
from amparo.line.contacts.models import Contact, Debrief
from amparo.line.contacts.summaries import ContactSummary
from amparo.line.roster.models import Device, Rest, Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import SHIFT, current_rest, take_seat
from amparo.line.switchboard.models import Call, CallEvent, DangerAlert
from amparo.line.switchboard.models import State as CallState
from amparo.line.switchboard.rules import may_intervene

from . import queue
from .missed_calls import Missed, missed_call

ANSWERS = 8  # the last yes and no answers, as many as fit on one line
MOST_CALLS = 1000  # of one shift
LATELY = timedelta(minutes=10)  # how long the console names who took over a call


class Mode(StrEnum):
    IDLE = "idle"
    RING = "ring"  # a call rings for this operator
    INVITED = "invited"  # a colleague invites this operator into a call
    CALL = "call"
    WRITING = "writing"  # somebody writes with this operator
    MONITOR = "monitor"  # somebody listens to a call of others, or whispers
    WRAP_UP = "wrap-up"


@dataclass(frozen=True)
class Console:
    user: User
    seat: Seat
    mode: Mode
    call: Call | None
    contact: Contact | None  # during a call: None until its contact could be opened
    now: datetime
    chat: Chat | None = None  # the conversation in writing that is shown; in a call: of its contact, while it goes on
    later: Contact | None = None  # of a call that has ended: it waits to be wrapped up while somebody writes

    @property
    def ring_seconds(self) -> int:
        return current().ring_seconds

    @property
    def shows(self) -> str:
        """A key that changes when the main part must be redrawn. It never changes while the operator types there."""
        call = self.call
        match self.mode:
            case Mode.RING | Mode.INVITED if call:
                since = call.ringing_since.timestamp() if call.ringing_since else ""  # alone on shift, it rings again
                return f"{self.mode} {call.pk} {call.danger} {call.silent} {call.language} {call.passed_to_id} {since}"
            case Mode.CALL if call:
                return f"call {call.pk} {self.contact is not None} {self.chat.pk if self.chat else ''}".rstrip()
            case Mode.WRITING if self.chat:
                return f"writing {self.chat.pk}"
            case Mode.MONITOR if call:
                return f"monitor {call.pk} {self.whispers}"
            case Mode.WRAP_UP if self.contact:
                return f"wrap-up {self.contact.pk}"
        rest = self.rest
        missed = f" missed {self.missed.call.pk}" if self.missed else ""
        idle = f"idle {self.seat.state} {self.seat.device} {rest.until.timestamp() if rest else ''}".rstrip()
        return idle + missed

    @cached_property
    def missed(self) -> Missed | None:
        """A call that this operator did not get into, while it waits in the queue again. None: there is none."""
        is_here = self.mode is Mode.IDLE and self.seat.state != SeatState.OFF
        return missed_call(self.user) if is_here else None

    @cached_property
    def hears_long_waits(self) -> bool:
        """Whether this console sounds while somebody waits for long: for who is on shift and talks with nobody."""
        is_on_shift = self.seat.state in (SeatState.READY, SeatState.BUSY)
        return is_on_shift and self.mode in (Mode.IDLE, Mode.WRAP_UP)

    @property
    def is_behind(self) -> bool:
        """Whether the operator is in a call whose contact is not open yet, or is not shown as busy yet; or whether the
        caller hung up before the contact was opened.
        """
        if self.mode is Mode.IDLE and self.seat.state == SeatState.BUSY:
            return summaries.calls_without_contact(self.user, self.now).exists()
        return self.mode is Mode.CALL and (self.contact is None or self.seat.state != SeatState.BUSY)

    @property
    def ended_at(self) -> datetime | None:
        """When the conversation ended that is wrapped up: a call, or one in writing."""
        ended = self.call or self.chat
        return ended.ended_at if ended else None

    @property
    def call_to_wrap_up(self) -> Contact | None:
        """The contact of a call that has ended, unless somebody wrote in it: then it is among those in writing."""
        contact = self.contact if self.mode is Mode.WRAP_UP and self.call else self.later
        return None if contact is None or (contact.chat and contact.chat.entries) else contact

    @property
    def language(self) -> str:
        """The name of the caller's language, written in that language."""
        return dict(settings.LANGUAGES).get(self.call.language, "") if self.call else ""

    @property
    def earlier(self) -> list[ContactSummary]:
        """Other contacts of the same caller, newest first."""
        return summaries.earlier_contacts(self.call)

    @property
    def chat_contact(self) -> Contact | None:
        """The contact of the chat from which this call comes, if the operator may read it."""
        if self.call is None or self.call.chat is None:
            return None
        return Contact.objects.visible_to(self.user).filter(chat=self.call.chat).first()

    @cached_property
    def cut_contact(self) -> Contact | None:
        """The contact of the call that a fault cut and to which this call returns, if the operator may read it."""
        if self.call is None or self.call.returns_to is None:
            return None
        return Contact.objects.visible_to(self.user).filter(call=self.call.returns_to).first()

    @cached_property
    def danger(self) -> DangerAlert | None:
        """The newest alert of danger in this conversation, also after its end."""
        of = Q(call=self.call) if self.call else Q(chat=self.chat.pk) if self.chat else None
        return DangerAlert.objects.filter(of).order_by("at").last() if of else None

    @property
    def is_in_danger(self) -> bool:
        """Whether somebody marked danger in this conversation, also after its end."""
        return bool(self.call and self.call.danger) or self.danger is not None

    @property
    def danger_address(self) -> str:
        """Where the operator raises an alert of danger in this conversation. Blank: there is none."""
        if self.call:
            return reverse("danger", args=[self.call.pk])
        return reverse("chat-danger", args=[self.chat.pk]) if self.chat else ""

    @property
    def joins(self) -> bool:
        """Whether this browser must carry the audio of the call."""
        return self.mode in (Mode.CALL, Mode.MONITOR) and self.seat.device == Device.BROWSER

    @property
    def whispers(self) -> bool:
        """Whether this supervisor whispers to the operators of the call."""
        return self.call is not None and self.user.pk in self.call.whisperers

    @cached_property
    def may_intervene(self) -> bool:
        """Whether this user may whisper to the call's other operators, and talk with the caller in their place."""
        return self.call is not None and bool(self.others_in_call) and may_intervene(self.call, self.user)

    @property
    def taken_over_by(self) -> User | None:
        """The colleague who took over the last call in which this operator was, if that was not long ago."""
        kinds = (CallEvent.Kind.ANSWERED, CallEvent.Kind.JOINED, CallEvent.Kind.LEFT)
        own = CallEvent.objects.filter(user=self.user, kind__in=kinds, at__gt=self.now - LATELY)
        last = own.order_by("-at").select_related("by").first()
        return last.by if last else None

    @property
    def monitors(self) -> list[tuple[User, bool]]:
        """The users who listen to this call, each with whether they whisper to its operators."""
        whisperers = self.call.whisperers if self.call else []
        found = User.objects.filter(pk__in=self.call.monitors if self.call else []).order_by("first_name", "pk")
        return [(user, user.pk in whisperers) for user in found]

    @cached_property
    def written(self) -> tuple[User, str] | None:
        """Who wrote to this operator about the call, and the sentence. They follow the call, or passed it on."""
        call = self.call
        if self.mode not in (Mode.RING, Mode.CALL) or call is None or not (call.monitors or call.passed_to_id):
            return None
        return queue.sentence_about_call(call, self.user)

    @property
    def answers(self) -> list[CallEvent]:
        """The latest answers that the caller gave by pressing a key (yes or no), newest last."""
        kinds = (CallEvent.Kind.YES, CallEvent.Kind.NO)
        return list(CallEvent.objects.filter(call=self.call, kind__in=kinds).order_by("-at")[:ANSWERS])[::-1]

    @cached_property
    def others_in_call(self) -> list[User]:
        """The colleagues in this call."""
        return list(User.objects.filter(pk__in=self.call.operators if self.call else []).exclude(pk=self.user.pk))

    @property
    def invited(self) -> list[User]:
        """The colleagues who are invited and have not joined yet."""
        return list(User.objects.filter(pk__in=self.call.invited if self.call else []))

    @cached_property
    def colleagues(self) -> list[queue.Colleague]:
        """Colleagues on shift to whom this call may be passed."""
        inside = [self.user.pk, *(self.call.operators if self.call else [])]
        return [each for each in queue.colleagues_on_shift(self.now) if each.seat.pk not in inside]

    @property
    def supervisor(self) -> User | None:
        """The supervisor on shift whom Alt W invites; a free one first."""
        free_first = sorted((each.seat for each in self.colleagues), key=lambda seat: seat.state == SeatState.BUSY)
        return next((seat.user for seat in free_first if seat.user.role == Role.SUPERVISOR), None)

    @cached_property
    def _counts(self) -> list[int]:
        """How many calls of this shift the operator took, how many they found hard, and how many talks are offered."""
        begun, kinds = self.now - SHIFT, (CallEvent.Kind.ANSWERED, CallEvent.Kind.JOINED)
        taken = CallEvent.objects.filter(user=self.user, kind__in=kinds, at__gt=begun)
        contacts = Contact.objects.real().filter(operator=self.user, started__gt=begun)
        hard = contacts.exclude(hard_call__in=("", picklists.HardCall.NO))
        talks = Debrief.objects.offered(self.now).filter(operator=self.user)
        return count_each(Call.objects.filter(pk__in=taken.values("call")), hard, talks, at_most=MOST_CALLS)

    @property
    def hard(self) -> int:
        """How many calls of this shift the operator found hard."""
        return self._counts[1]

    @cached_property
    def rest(self) -> Rest | None:
        """The rest after hard contacts, while it lasts."""
        return current_rest(self.user, self.now)

    @property
    def talks(self) -> bool:
        """Whether a talk after a hard contact is offered to this operator."""
        return self._counts[2] > 0

    @property
    def answered(self) -> int:
        """How many calls the operator took in this shift."""
        return self._counts[0]


def console_of(user: User, now: datetime, chats: queue.Chats | None = None, wanted: str = "") -> Console:
    """Return the state of this user's console.

    A call comes first, then an invitation, a call of others that the user follows, a call that rings, the conversation
    in writing that is wanted, the contact of a call to wrap up, any other conversation in writing, and at last idle.
    `chats`: of this user, if they have been read already. `wanted`: the id of the conversation in writing that the page
    shows or asks for.
    """
    # take_seat only for a new operator, because looking must change nothing
    seat = Seat.objects.filter(pk=user.pk).first() or take_seat(by=user, now=now)
    if seat.is_abandoned(now):
        seat.state, seat.since = SeatState.OFF, now  # shown only: the console's stream writes it when it opens
    live = Call.objects.live()
    calls = list((live.involving(user.pk) | live.filter(ringing_for=user)).order_by("arrived_at"))
    if call := _first(calls, lambda call: user.pk in call.operators):
        contact = Contact.objects.attended_by(user).filter(call=call).first()
        return Console(user, seat, Mode.CALL, call, contact, now, _chat_in_call(user, contact, wanted))
    if call := _first(calls, lambda call: user.pk in call.invited):
        return Console(user, seat, Mode.INVITED, call, None, now)
    if call := _first(calls, lambda call: user.pk in call.monitors):
        return Console(user, seat, Mode.MONITOR, call, Contact.objects.visible_to(user).filter(call=call).first(), now)
    if call := _first(calls, lambda call: call.ringing_for_id == user.pk):
        return Console(user, seat, Mode.RING, call, None, now)
    to_wrap_up = _contact_to_wrap_up(user)
    if to_wrap_up is None or wanted:
        contact = _contact_in_writing(user, seat, chats or queue.chats_for(user), wanted)
        if contact and contact.chat and (to_wrap_up is None or str(contact.chat.pk) == wanted):
            mode = Mode.WRITING if contact.chat.is_open else Mode.WRAP_UP
            return Console(user, seat, mode, None, contact, now, contact.chat, to_wrap_up)
    if to_wrap_up:
        return Console(user, seat, Mode.WRAP_UP, to_wrap_up.call, to_wrap_up, now, to_wrap_up.chat)
    return Console(user, seat, Mode.IDLE, None, None, now)


def _first(calls: list[Call], fits: Callable[[Call], bool]) -> Call | None:
    return next((call for call in calls if fits(call)), None)


def _chat_in_call(user: User, contact: Contact | None, wanted: str) -> Chat | None:
    """Return the chat to show during a call: the wanted one if it is the user's, else that of the caller."""
    of_caller = contact.chat_id if contact else None
    if not wanted and of_caller is None:
        return None
    own = Chat.objects.with_operator(user).exclude(entries=0).select_related("key")
    going_on = {str(chat.pk): chat for chat in own}
    return going_on.get(wanted) or going_on.get(str(of_caller))


def _contact_in_writing(user: User, seat: Seat, chats: queue.Chats, wanted: str) -> Contact | None:
    """Return the contact of the conversation in writing to show: the wanted one if it is the user's.

    Else, while writing keeps the user busy, that of whoever has waited longest for an answer. None: there is none. One
    that has ended and waits to be closed is shown only if it is wanted.
    """
    own = {str(chat.pk) for chat in chats.own} | {str(contact.chat_id) for contact in chats.to_close}
    shown = wanted if wanted in own else ""
    if not shown and seat.state == SeatState.BUSY:
        going_on = sorted((chat for chat in chats.own if not chat.is_expected), key=queue.answered_last)
        shown = str(going_on[0].pk) if going_on else ""
    if not shown:
        return None
    contacts = Contact.objects.visible_to(user).select_related("key", "chat", "chat__key", "chat__operator")
    found: Contact | None = contacts.filter(chat=UUID(shown)).first()
    return found


def _contact_to_wrap_up(user: User) -> Contact | None:
    """Return the newest open contact whose call has ended, unless this operator left that call to colleagues.

    A contact that also has a chat is left out until the chat has ended; then whoever had the chat wraps the contact up.
    A chat in which nobody has written yet does not count: the caller was given its code, and has not come.
    """
    own_events = CallEvent.objects.filter(call=OuterRef("call"), user=user).order_by("-at", "-pk")
    open_contacts = Contact.objects.attended_by(user).open()
    own_chat = Q(chat__operator=user) | Q(chat__operator=None)
    is_over = Q(chat=None) | Q(chat__entries=0) | Q(chat__state=ChatState.ENDED) & own_chat
    ended = open_contacts.filter(is_over, call__state=CallState.ENDED)
    with_last_event = ended.annotate(last=Subquery(own_events.values("kind")[:1]))
    stayed = with_last_event.filter(Q(last=None) | ~Q(last=CallEvent.Kind.LEFT))
    return stayed.select_related("call", "key", "chat").order_by("-started").first()

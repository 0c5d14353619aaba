"""What the console of one operator shows at this moment: read from the rows, remembered nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery

from amparo.foundation.access.models import Role, User
from amparo.line.contacts import picklists, summaries
from amparo.line.contacts.models import Contact
from amparo.line.contacts.summaries import ContactSummary
from amparo.line.roster.models import Device, Seat
from amparo.line.roster.models import State as SeatState
from amparo.line.roster.rules import take_seat
from amparo.line.switchboard.models import Call, CallEvent
from amparo.line.switchboard.models import State as CallState

SHIFT = timedelta(hours=12)  # the longest: "my night" looks this far back
ANSWERS = 8  # the last yes and no that fit on one line


class Mode(StrEnum):
    IDLE = "idle"
    RING = "ring"  # a caller, for this operator
    INVITED = "invited"  # a colleague asks this operator into a call
    CALL = "call"
    WRAP_UP = "wrap-up"


@dataclass(frozen=True)
class Console:
    user: User
    seat: Seat
    mode: Mode
    call: Call | None
    contact: Contact | None  # in a call: None until its contact could be opened
    now: datetime

    @property
    def shows(self) -> str:
        """Changes when the middle of the page must be drawn anew, and never while one writes there."""
        call = self.call
        match self.mode:
            case Mode.RING | Mode.INVITED if call:
                return f"{self.mode} {call.pk} {call.danger} {call.silent} {call.language}"
            case Mode.CALL if call:
                return f"call {call.pk} {self.contact is not None}"
            case Mode.WRAP_UP if self.contact:
                return f"wrap-up {self.contact.pk}"
        return f"idle {self.seat.state} {self.seat.device}"

    @property
    def language(self) -> str:
        """Of the caller, as its speakers call it."""
        return dict(settings.LANGUAGES).get(self.call.language, "") if self.call else ""

    @property
    def earlier(self) -> list[ContactSummary]:
        """Other contacts of the same caller, newest first."""
        return summaries.earlier(self.call)

    @property
    def joins(self) -> bool:
        """Whether the browser itself must carry the voice of this call."""
        return self.mode is Mode.CALL and self.seat.device == Device.BROWSER

    @property
    def answers(self) -> list[CallEvent]:
        """What the caller answered by keys, the newest last."""
        kinds = (CallEvent.Kind.YES, CallEvent.Kind.NO)
        return list(CallEvent.objects.filter(call=self.call, kind__in=kinds).order_by("-at")[:ANSWERS])[::-1]

    @property
    def with_me(self) -> list[User]:
        """The colleagues in this call."""
        return list(User.objects.filter(pk__in=self.call.operators if self.call else []).exclude(pk=self.user.pk))

    @property
    def asked(self) -> list[User]:
        """The colleagues asked to join, and not yet there."""
        return list(User.objects.filter(pk__in=self.call.invited if self.call else []))

    @property
    def colleagues(self) -> list[Seat]:
        """Whom this call may be passed to: on shift and not in it."""
        seats = Seat.objects.on_shift(self.now).select_related("user").order_by("user__first_name", "pk")
        return list(seats.exclude(pk__in=[self.user.pk, *(self.call.operators if self.call else [])]))

    @property
    def supervisor(self) -> User | None:
        """Whom Alt W asks: a supervisor on shift, the one who is free first."""
        free_first = sorted(self.colleagues, key=lambda seat: seat.state == SeatState.BUSY)
        return next((seat.user for seat in free_first if seat.user.role == Role.SUPERVISOR), None)

    @property
    def hard(self) -> int:
        """Calls of this shift that this operator found hard."""
        mine = Contact.objects.filter(operator=self.user, started__gt=self.now - SHIFT)
        return mine.exclude(hard_call__in=("", picklists.HardCall.NO)).count()

    @property
    def answered(self) -> int:
        """Calls this operator took in this shift."""
        kinds = (CallEvent.Kind.ANSWERED, CallEvent.Kind.JOINED)
        events = CallEvent.objects.filter(user=self.user, kind__in=kinds, at__gt=self.now - SHIFT)
        return events.values("call").distinct().count()


def console_of(user: User, now: datetime) -> Console:
    """Who is in a call sees the call; then who rings; then what is not yet wrapped up; then the quiet page."""
    seat = Seat.objects.filter(pk=user.pk).first() or take_seat(by=user, now=now)  # looking is no deed
    live = Call.objects.live().order_by("arrived_at")
    if call := live.filter(operators__contains=[user.pk]).first():
        return Console(user, seat, Mode.CALL, call, Contact.objects.attended_by(user).filter(call=call).first(), now)
    if call := live.filter(invited__contains=[user.pk]).first():
        return Console(user, seat, Mode.INVITED, call, None, now)
    if call := live.filter(ringing_for=user).first():
        return Console(user, seat, Mode.RING, call, None, now)
    if contact := _to_wrap_up(user):
        return Console(user, seat, Mode.WRAP_UP, contact.call, contact, now)
    return Console(user, seat, Mode.IDLE, None, None, now)


def _to_wrap_up(user: User) -> Contact | None:
    """The newest open contact whose call is over, unless this operator left that call to colleagues."""
    mine = CallEvent.objects.filter(call=OuterRef("call"), user=user).order_by("-at", "-pk")
    mine_open = Contact.objects.attended_by(user).filter(state=picklists.State.OPEN)
    ended = mine_open.filter(call__state=CallState.ENDED)
    last = ended.annotate(last=Subquery(mine.values("kind")[:1]))
    still_there = last.filter(Q(last=None) | ~Q(last=CallEvent.Kind.LEFT))
    return still_there.select_related("call", "key").order_by("-started").first()

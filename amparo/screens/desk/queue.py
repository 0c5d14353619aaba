"""The left side of the console: who waits, whom to call back, who is on shift."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from amparo.line.contacts import outlines
from amparo.line.contacts.codes import Word
from amparo.line.contacts.models import SafeContact
from amparo.line.roster.models import Seat
from amparo.line.switchboard.models import Call, Message, SurgeKey

AT_A_GLANCE = 30  # rows: in a flood a thousand may wait, and every console reads them anew at each change


@dataclass(frozen=True)
class Waiting:
    call: Call
    earlier: int  # contacts of the same caller


@dataclass(frozen=True)
class Line:
    """Who waits, as far as it can be read at a glance."""

    next: list[Waiting]  # in the order in which they ring
    number: int
    longest: datetime | None  # since when the longest of all waits
    in_surge: bool  # more call than the shift can answer: the switchboard asks each for a key

    @property
    def more(self) -> int:
        return self.number - len(self.next)


@dataclass(frozen=True)
class ToReturn:
    """Somebody to call back: by the safe-contact card of a contact, or by what they left."""

    card: SafeContact | None
    message: Message | None
    why_not: str | None  # the sentence that says why not now


@dataclass(frozen=True)
class Colleague:
    """One seat on shift, and since when it is as it is."""

    seat: Seat
    call: Call | None  # None: not in a call

    @property
    def since(self) -> datetime:
        return (self.call and self.call.answered_at) or self.seat.since


def waiting() -> Line:
    calls = Call.objects.waiting()
    first = [Waiting(call, len(outlines.earlier(call))) for call in calls.in_queue_order()[:AT_A_GLANCE]]
    asked = Count("pk", filter=~Q(surge_key=SurgeKey.NOT_ASKED))
    all_of_them = calls.aggregate(number=Count("pk"), longest=Min("waiting_since"), asked=asked)
    return Line(first, all_of_them["number"], all_of_them["longest"], all_of_them["asked"] > 0)


def to_return(now: datetime) -> list[ToReturn]:
    """Messages first: nobody has spoken with these callers yet."""
    messages = Message.objects.open().select_related("call", "key", "taken_by")
    left = [ToReturn(None, message, message.why_not_at(now)) for message in messages]
    return left + [ToReturn(card, None, card.why_not_at(now)) for card in SafeContact.objects.wanted()]


def came_back() -> int:
    """Words that came with a return code, and that nobody has read."""
    return Word.objects.waiting().count()


def on_shift(now: datetime) -> list[Colleague]:
    calls = {user: call for call in Call.objects.live() for user in call.operators}
    seats = Seat.objects.on_shift(now).select_related("user").order_by("user__first_name", "pk")
    return [Colleague(seat, calls.get(seat.pk)) for seat in seats]

"""The left side of the console: who waits, whom to call back, who is on shift."""

from dataclasses import dataclass
from datetime import datetime

from amparo.line.contacts import outlines
from amparo.line.contacts.models import SafeContact
from amparo.line.roster.models import Seat
from amparo.line.switchboard.models import Call, Message


@dataclass(frozen=True)
class Waiting:
    call: Call
    earlier: int  # contacts of the same caller


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


def waiting() -> list[Waiting]:
    return [Waiting(call, len(outlines.earlier(call))) for call in Call.objects.waiting().in_queue_order()]


def to_return(now: datetime) -> list[ToReturn]:
    """Messages first: nobody has spoken with these callers yet."""
    messages = Message.objects.open().select_related("call", "key", "taken_by")
    left = [ToReturn(None, message, message.why_not_at(now)) for message in messages]
    return left + [ToReturn(card, None, card.why_not_at(now)) for card in SafeContact.objects.wanted()]


def on_shift(now: datetime) -> list[Colleague]:
    calls = {user: call for call in Call.objects.live() for user in call.operators}
    seats = Seat.objects.on_shift(now).select_related("user").order_by("user__first_name", "pk")
    return [Colleague(seat, calls.get(seat.pk)) for seat in seats]

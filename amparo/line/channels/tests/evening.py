"""An evening on which a person writes by text message, and whose card allows the next morning."""

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.line.channels.channel import Arrival
from amparo.line.channels.delivery import deliver
from amparo.line.channels.rules import take_in
from amparo.line.channels.sms.channel import Sms
from amparo.line.chat.models import Chat, ChatMessage
from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import save_draft

HER, OTHER = "51900000123", "51900000456"
EVENING = timezone.make_aware(datetime(2026, 11, 24, 20))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MORNING = EVENING + 12 * HOUR
FROM_8_TO_12 = {"safe_from": "08:00", "safe_to": "12:00"}


def writes(at: datetime, text: str = "invented words", address: str = HER, *, is_forged: bool = False) -> Chat:
    """A person writes: their conversation, after the worker took the message in and sent what it had to send."""
    arrival = Arrival(uuid.uuid4().hex, address, text, at, {"address": address}, is_forged=is_forged)
    take_in(Sms(), arrival, now=at)
    deliver(Sms(), at)
    return Chat.objects.order_by("begun_at").last()


def say(contact: Contact, by: User, **changes: str) -> None:
    """Write into the safe-contact card of a contact."""
    seen = Contact.objects.get(pk=contact.pk).version
    save_draft(contact, key=uuid.uuid4(), revision=1, based_on=seen, changes=changes, by=by, now=EVENING)


def ours() -> list[str]:
    return list(ChatMessage.objects.filter(by__isnull=False).order_by("at").values_list("delivery", flat=True))

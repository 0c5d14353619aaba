"""A message whose time is far away, or no time at all, is kept, and stands at the time when it reached us."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from amparo.line.channels.channel import Arrival
from amparo.line.channels.email.channel import _date_of
from amparo.line.channels.rules import take_in
from amparo.line.channels.sms import gateway
from amparo.line.channels.sms.channel import Sms
from amparo.line.channels.whatsapp import channel as whatsapp
from amparo.line.channels.whatsapp.tests.provider import NUMBER_ID, message, post_of
from amparo.line.chat.models import Chat

from .evening import EVENING, HER

FAR = ("1970-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2099-01-01T00:00:00Z")


def by_text_message(received_at: str) -> Arrival:
    post = {"id": "m-1", "from": HER, "text": "palabras inventadas", "received_at": received_at}
    found = gateway.parse_post(json.dumps(post).encode())
    assert isinstance(found, Arrival)
    return found


def by_whatsapp(timestamp: str | int | None) -> Arrival:
    [found] = whatsapp.parse_post(post_of({**message(HER, "palabras", "wamid.1"), "timestamp": timestamp}), NUMBER_ID)
    assert isinstance(found, Arrival)
    return found


def by_email(internal_date: str) -> Arrival:
    at = _date_of(f'1 (INTERNALDATE "{internal_date}" BODY[]<0> {{7}}'.encode())
    return Arrival("1", HER, "palabras inventadas", at, {"address": HER})


ARRIVALS = (
    *((by_text_message, at) for at in FAR),
    *((by_whatsapp, at) for at in ("0", "-1", "1e400", "9" * 13, "9" * 30, 10**400, "", None)),
    *(
        (by_email, at)
        for at in ("01-Jan-0000 00:00:00 +0000", "01-Jan-0001 00:00:00 +1400", "31-Dec-9999 23:59:59 -1200",
                   "01-Foo-2026 00:00:00 +0000", "99-Jan-2026 00:00:00 +0000")
    ),
)  # fmt: skip


@pytest.mark.parametrize(("read", "time"), ARRIVALS, ids=lambda each: getattr(each, "__name__", str(each)[:30]))
def test_the_message_is_kept_and_waits_behind_one_that_waited_already(db, read, time):
    now = timezone.now() + timedelta(minutes=5)  # after all readings
    first = Arrival("0", "51900000999", "earlier", now - timedelta(hours=1), {"address": "51900000999"})
    take_in(Sms(), first, now=now)
    take_in(Sms(), read(time), now=now)
    earlier, later = Chat.objects.order_by("turn_at")
    assert earlier.begun_at == first.at < later.begun_at <= now


def test_control_a_time_that_can_be_true_is_kept(db):
    at = EVENING - timedelta(hours=2)
    take_in(Sms(), by_text_message(at.isoformat()), now=EVENING)
    assert Chat.objects.get().begun_at == at

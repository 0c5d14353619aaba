"""Text messages by a gateway: its signed posts to /hooks/sms bring messages and receipts; our posts bring it answers.

One secret signs both directions. Our posts have no `from`, so that nobody can send them back to us as a message.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.foundation.core.signed_posts import is_recent, is_signed, signed_headers
from amparo.line.chat.models import Delivery

from .. import https, webhooks
from ..channel import Arrival, Keep, MaybeTaken, Outgoing, ProviderAway, Receipt, Undeliverable, WrittenChannel
from ..posts import receive_posts
from .settings import GatewaySettings

log = logging.getLogger(__name__)

LONGEST_ID, LONGEST_ADDRESS = 200, 32  # characters
STATUSES = {"delivered": Delivery.ARRIVED, "failed": Delivery.REFUSED}
NOT_NOW = (401, 403, 404, 405, 407, 408, 425, 429)  # a wrong secret or address, too many at once: somebody can mend it


class Unreadable(ValueError):
    """A post that has not the agreed shape. The sentence names the field, and repeats nothing of its content."""


def handle_request(channel: WrittenChannel, ours: GatewaySettings, request: HttpRequest) -> HttpResponse:
    """Check and store a post of the gateway. 200 says that it is on our disk; a refusal says why, in one sentence."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    body = request.body
    if not is_signed(ours.key, request.headers, body):
        return _refuse(_("The signature does not fit: sign the id, the time and the body with our secret."), 403)
    if not is_recent(request.headers, timezone.now()):
        return _refuse(_("The time is more than five minutes from ours: set the clock, then sign again."), 403)
    try:
        parse_post(body)
    except Unreadable as error:
        return _refuse(str(error), 400)
    webhooks.store_post(channel.name, body)
    return HttpResponse(status=200)


def receive(channel: WrittenChannel, keep: Keep) -> int:
    """Take in what the gateway posted. Returns how many posts cannot be stored, and wait."""

    def read(body: bytes) -> list[Arrival | Receipt]:
        try:
            return [parse_post(body)]
        except Unreadable:
            log.warning("A post of the channel %s could not be read, and was thrown away.", channel.name)
            return []

    return receive_posts(channel, read, keep)


@contextmanager
def outbox(ours: GatewaySettings) -> Iterator[Callable[[Outgoing], None]]:
    yield lambda outgoing: _send(ours, outgoing)


def _send(ours: GatewaySettings, outgoing: Outgoing) -> None:
    """Post a message to the gateway. If no response comes, a later run posts it again: the gateway knows its id."""
    message = {"id": str(outgoing.id), "to": outgoing.envelope["address"], "text": outgoing.text}
    body = json.dumps(message, ensure_ascii=False).encode()
    headers = signed_headers(ours.key, message["id"], body, timezone.now())
    status = https.post_json(ours.address, ours.address.path or "/", body, headers)
    if status >= 500:
        raise MaybeTaken(str(status))
    if status < 200 or 300 <= status < 400 or status in NOT_NOW:
        raise ProviderAway(str(status))
    if status >= 400:
        raise Undeliverable


def parse_post(body: bytes) -> Arrival | Receipt:
    """Read a post: a message {id, from, text, received_at} or a receipt {id, status}. Raises `Unreadable`."""
    try:
        post = json.loads(body)
    except (ValueError, RecursionError):
        post = None
    if not isinstance(post, dict):
        raise Unreadable(_("The body is not a JSON object in UTF-8."))
    if "status" in post and "text" not in post:
        return Receipt(_uuid_field(post), _choice_field(post, "status", STATUSES))
    address = _text_field(post, "from", LONGEST_ADDRESS)
    text = post.get("text")
    if not isinstance(text, str):
        raise _unusable_field("text")
    return Arrival(
        id=_text_field(post, "id", LONGEST_ID), address=address, text=webhooks.storable_text(text),
        at=_time_field(post), envelope={"address": address},
    )  # fmt: skip


def _unusable_field(field: str) -> Unreadable:
    return Unreadable(_("The field %(field)s is missing, or cannot be used.") % {"field": field})


def _text_field(post: dict[str, object], field: str, longest: int) -> str:
    text = post.get(field)
    if not isinstance(text, str) or not text.strip() or len(text) > longest or not text.isprintable():
        raise _unusable_field(field)
    return text.strip()


def _uuid_field(post: dict[str, object]) -> UUID:
    try:
        return UUID(_text_field(post, "id", LONGEST_ID))
    except ValueError:
        raise _unusable_field("id") from None


def _choice_field[T](post: dict[str, object], field: str, values: dict[str, T]) -> T:
    value = post.get(field)
    if not isinstance(value, str) or value not in values:
        raise _unusable_field(field)
    return values[value]


def _time_field(post: dict[str, object]) -> datetime:
    """Read received_at, as RFC 3339 writes times: with an offset or Z. A time that no clock can show is now."""
    try:
        at = datetime.fromisoformat(_text_field(post, "received_at", 40))
        if at.tzinfo is None:
            raise ValueError
        return at.astimezone(UTC)
    except ValueError:
        raise _unusable_field("received_at") from None
    except OverflowError:  # year 1 or 9999, and the offset goes beyond it
        return timezone.now()


def _refuse(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")

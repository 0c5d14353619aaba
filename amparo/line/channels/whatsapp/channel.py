"""WhatsApp, by its Cloud API: signed posts to /hooks/whatsapp bring messages, and requests with a token send ours."""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.line.chat.models import Delivery

from .. import https, webhooks
from ..channel import (
    Arrival,
    Keep,
    MaybeTaken,
    Outgoing,
    ProviderAway,
    Receipt,
    Undeliverable,
    WrittenChannel,
    greeting,
    name_police,
)
from ..posts import receive_posts
from . import settings

log = logging.getLogger(__name__)

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError)
OUR_ID = "biz_opaque_callback_data"  # the provider repeats it in each receipt, and does not read it
STATUSES = {
    "sent": Delivery.SENT, "delivered": Delivery.ARRIVED, "read": Delivery.ARRIVED, "failed": Delivery.REFUSED,
}  # fmt: skip
NOT_NOW = (401, 403, 408, 429)  # a token that ended, too many at once: somebody can mend it, and nothing is lost


class Whatsapp(WrittenChannel):
    name = "whatsapp"
    title = gettext_lazy("WhatsApp")
    label = gettext_lazy("writes by WhatsApp")

    def read_settings(self) -> object | None:
        return settings.read_settings()

    def first_answer(self, is_open: bool = True) -> str:
        ours = _("We have your message. A person of our team who is on shift reads it and writes to you here.")
        rest = _(
            "If you are in danger now, call us, or call %(police)s.\n\nIf somebody is in grave danger or under 18, or "
            "the law or a judge requires it, we may have to tell others: write only what you want.\n\nDo not write "
            "your full name or your address. If somebody else uses this telephone, delete these messages.\n\nIf you "
            "want nothing more from us, answer with one word: BAJA."
        ) % {"police": name_police()}
        return f"{greeting(ours, is_open)}\n\n{rest}"

    def handle_request(self, request: HttpRequest) -> HttpResponse:
        """GET: the provider subscribes. POST: it brings something, signed; 200 says that it is on our disk."""
        ours = _settings()
        if request.method == "GET":
            challenge = request.GET.get("hub.challenge", "")
            fits = hmac.compare_digest(request.GET.get("hub.verify_token", "").encode(), ours.verify.encode())
            if not fits or not challenge.isascii() or not challenge.isalnum():
                return HttpResponse(status=403)
            return HttpResponse(challenge, content_type="text/plain")
        body = request.body
        signature = "sha256=" + hmac.digest(ours.secret.encode(), body, hashlib.sha256).hex()
        if not hmac.compare_digest(request.headers.get("X-Hub-Signature-256", "").encode(), signature.encode()):
            return HttpResponse(status=403)
        webhooks.store_post(self.name, body)
        return HttpResponse(status=200)

    def receive(self, keep: Keep) -> int:
        return receive_posts(self, lambda body: parse_post(body, _settings().number_id), keep)

    @contextmanager
    def outbox(self) -> Iterator[Callable[[Outgoing], None]]:
        yield _send


def parse_post(body: bytes, number_id: str) -> Iterator[Arrival | Receipt]:
    """Yield the messages and receipts in a post that are for our number, which has the id `number_id`.

    One that cannot be read is left out, and the log says so without its words.
    """
    for read_one, item in _items(body, number_id):
        try:
            found = read_one(item)
        except UNREADABLE:
            log.warning("A message of the channel whatsapp could not be read, and was thrown away.")
        else:
            if found is not None:
                yield found


def _items(body: bytes, number_id: str) -> Iterator[tuple[Callable[[Any], Arrival | Receipt | None], Any]]:
    """Yield each message and receipt for our number as a pair: the function that reads it, and its JSON."""
    try:
        changes = [change for entry in json.loads(body)["entry"] for change in entry["changes"]]
    except UNREADABLE:
        log.warning("A post of the channel whatsapp could not be read, and was thrown away.")
        return
    for change in changes:
        try:
            value = change["value"]
            if value["metadata"]["phone_number_id"] == number_id:
                yield from ((_arrival, message) for message in value.get("messages", ()))
                yield from ((_receipt, status) for status in value.get("statuses", ()))
        except UNREADABLE:
            log.warning("A part of a post of the channel whatsapp could not be read, and was thrown away.")


def _arrival(message: dict[str, Any]) -> Arrival:
    address = str(message["from"])
    try:
        at = datetime.fromtimestamp(int(message["timestamp"]), UTC)
    except UNREADABLE:  # far beyond what a datetime can show, or no number: the words matter more
        at = timezone.now()
    try:
        text = _text_of(message)
    except UNREADABLE:
        text = _note_on_other_content(message.get("type", ""))
    return Arrival(id=str(message["id"]), address=address, text=text, at=at, envelope={"address": address})


def _receipt(status: dict[str, Any]) -> Receipt | None:
    """Read a receipt. None: it says nothing that we record, or is about a message of another program."""
    if (says := STATUSES.get(status["status"])) is None:
        return None
    try:
        return Receipt(UUID(status[OUR_ID]), says)
    except (KeyError, ValueError):
        return None


def _note_on_other_content(kind: object) -> str:
    return _("[They sent something that is not text (%(kind)s). It was not kept.]") % {"kind": str(kind)[:20]}


def _text_of(message: dict[str, Any]) -> str:
    kind = str(message["type"])
    content = message.get(kind, {})
    if kind == "text":
        return webhooks.storable_text(str(content["body"]))
    if kind == "button":
        return webhooks.storable_text(str(content["text"]))
    if kind == "location":
        return f"{content['latitude']}, {content['longitude']}"
    caption = webhooks.storable_text(str(content.get("caption", ""))) if isinstance(content, dict) else ""
    return f"{caption}\n\n{_note_on_other_content(kind)}".strip()


def _settings() -> settings.WhatsappSettings:
    ours = settings.read_settings()
    assert ours is not None  # asked only where it is set up
    return ours


def _send(outgoing: Outgoing) -> None:
    ours = _settings()
    body = {
        "messaging_product": "whatsapp", "recipient_type": "individual", "to": outgoing.envelope["address"],
        "type": "text", "text": {"preview_url": False, "body": outgoing.text}, OUR_ID: str(outgoing.id),
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {ours.token}"}
    status = https.post_json(ours.api, f"{ours.api.path}/{ours.number_id}/messages", json.dumps(body).encode(), headers)
    if status in NOT_NOW:
        raise ProviderAway(str(status))
    if status >= 500:
        raise MaybeTaken(str(status))  # also of a proxy that lost the provider's answer
    if status >= 300:
        raise Undeliverable

"""A gateway on this machine: it keeps text messages until the line has them, and takes those of the line, each once."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client

from amparo.line.channels.tests.http_peer import HttpPeer

KEY = b"an invented key of the tests, 32"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
HOOK, PATH = "/hooks/sms", "/v1/messages"


def signature_of(id: str, timestamp: str, body: bytes, key: bytes = KEY) -> str:
    """As the specification of Standard Webhooks describes it, not as the line computes it."""
    mac = hmac.new(key, b".".join([id.encode(), timestamp.encode(), body]), hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


class Gateway:
    def __init__(self) -> None:
        self.waiting: list[dict[str, Any]] = []  # posts for the line that it does not have yet
        self.taken: dict[str, dict[str, Any]] = {}  # messages of the line by their id, in order
        self.requests = 0  # of the line
        self.status = 200  # of each answer to it
        self.hangs_up = False  # takes a message, and ends the connection without an answer
        self.server = HttpPeer(self._answer)

    @property
    def texts(self) -> list[str]:
        return [each["text"] for each in self.taken.values()]

    def text(self, sender: str, words: str, id: str = "", ago: int = 0) -> dict[str, Any]:
        """Somebody sends a text message to the line."""
        at = datetime.now(UTC) - timedelta(seconds=ago)
        made = {"id": id or uuid.uuid4().hex, "from": sender, "text": words, "received_at": at.isoformat()}
        self.waiting.append(made)
        return made

    def receipt(self, id: str, status: str) -> None:
        self.waiting.append({"id": id, "status": status})

    def forward(self) -> None:
        """Post what waits. What the line does not take is kept, and posted again."""
        self.waiting = [each for each in self.waiting if post(json.dumps(each).encode()).status_code != 200]

    def _answer(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes] | None:
        id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        fits = headers["webhook-signature"] == signature_of(id, timestamp, body) and path == PATH
        status = self.status if fits and abs(time.time() - int(timestamp)) < 300 else 401
        self.requests += 1
        if status == 200:
            message = json.loads(body)
            self.taken.setdefault(message["id"], message)
            if self.hangs_up:
                return None
        return status, body  # as an error may repeat the number


def post(body: bytes, *, key: bytes = KEY, ago: int = 0, **headers: str) -> Any:
    """Post to the line, signed; its answer."""
    id, timestamp = "msg_1", str(int(time.time()) - ago)
    signed = {
        "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature_of(id, timestamp, body, key),
    }  # fmt: skip
    return Client().post(HOOK, body, content_type="application/json", headers={**signed, **headers})

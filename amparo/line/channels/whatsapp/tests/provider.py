"""A provider that speaks the Cloud API on this machine: it takes our messages, and posts what people write, signed."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from django.test import Client

from amparo.line.channels.tests.http_peer import HttpPeer

NUMBER_ID, TOKEN, SECRET, VERIFY = "1234567890", "token-of-the-tests", "secret-of-the-tests", "verify-of-the-tests"
HOOK = "/hooks/whatsapp"


class Provider:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []  # by the line
        self.status = 200  # of each answer to it
        self.status_after_taking = 200  # of each answer to a message that it took: a proxy may say 504
        self.hangs_up = False  # takes a message, and ends the connection without an answer
        self.server = HttpPeer(self._answer)

    def receipt(self, number: int, status: str) -> None:
        """Post what became of a message of the line, with the word of its own that came with it."""
        word = self.sent[number]["biz_opaque_callback_data"]
        about = {"id": f"wamid.{number}", "recipient_id": self.sent[number]["to"], "timestamp": str(int(time.time()))}
        assert post(post_of(statuses=[{**about, "status": status, "biz_opaque_callback_data": word}])) == 200

    def _answer(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes] | None:
        message = json.loads(body)
        fits = headers["Authorization"] == f"Bearer {TOKEN}" and path == f"/v23.0/{NUMBER_ID}/messages"
        status = self.status if fits else 401
        if status == 200:
            self.sent.append(message)
            if self.hangs_up:
                return None
            status = self.status_after_taking
        return status, json.dumps({"echo": message}).encode()  # as an error may repeat the number


def post_of(*messages: dict[str, Any], number_id: str = NUMBER_ID, **value: Any) -> bytes:
    """The body of a post with these messages."""
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number_id}, "messages": messages, **value}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"changes": [{"value": value}]}]}).encode()


def message(sender: str, words: str, id: str, ago: int = 0) -> dict[str, Any]:
    return {
        "from": sender, "id": id, "timestamp": str(int(time.time()) - ago), "type": "text", "text": {"body": words},
    }  # fmt: skip


def post(body: bytes, secret: str = SECRET) -> int:
    """Post to the line, signed; its status."""
    signature = "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    answer = Client().post(HOOK, body, content_type="application/json", headers={"X-Hub-Signature-256": signature})
    return answer.status_code

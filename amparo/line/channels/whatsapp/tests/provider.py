"""A provider that speaks the Cloud API on this machine: it takes our messages, and posts what people write, signed."""

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import Client

NUMBER_ID, TOKEN, SECRET, VERIFY = "1234567890", "token-of-the-tests", "secret-of-the-tests", "verify-of-the-tests"
HOOK = "/hooks/whatsapp"


class Provider:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []  # by the line
        self.status = 200  # of each answer to it
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    def start(self) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fits = (
                    self.headers["Authorization"] == f"Bearer {TOKEN}" and self.path == f"/v23.0/{NUMBER_ID}/messages"
                )
                status = provider.status if fits else 401
                if status == 200:
                    provider.sent.append(body)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps({"echo": body}).encode())  # as an error may repeat the number

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


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

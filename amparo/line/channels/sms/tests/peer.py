"""A gateway on this machine: it keeps text messages until the line has them, and takes those of the line, each once."""

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.test import Client

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
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

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

    def start(self) -> None:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                id, timestamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
                fits = self.headers["webhook-signature"] == signature_of(id, timestamp, body) and self.path == PATH
                status = gateway.status if fits and abs(time.time() - int(timestamp)) < 300 else 401
                gateway.requests += 1
                if status == 200:
                    message = json.loads(body)
                    gateway.taken.setdefault(message["id"], message)
                    if gateway.hangs_up:
                        return
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)  # as an error may repeat the number

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


def post(body: bytes, *, key: bytes = KEY, ago: int = 0, **headers: str) -> Any:
    """Post to the line, signed; its answer."""
    id, timestamp = "msg_1", str(int(time.time()) - ago)
    signed = {
        "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature_of(id, timestamp, body, key),
    }  # fmt: skip
    return Client().post(HOOK, body, content_type="application/json", headers={**signed, **headers})

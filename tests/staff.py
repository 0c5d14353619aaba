"""An operator without a browser: signs in and sends the requests of the console's script."""

import json
import re
import urllib.parse
import urllib.request
from http.client import HTTPResponse
from http.cookiejar import CookieJar

from .hotline import Hotline

PATIENCE = 60  # seconds; answering by desk phone waits for the phone


class Staff:
    def __init__(self, hotline: Hotline, username: str = "ana") -> None:
        self.address, self.username, self.token = hotline.address, username, ""
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def sign_in(self) -> str:
        page = self.get("/sign-in")
        self.token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        self.post("/sign-in", username=self.username, password=f"demo-{self.username}")
        return self.console()

    def console(self) -> str:
        """Load the console page, and keep its token."""
        page = self.get("/console")
        self.token = re.search(r'data-csrf="([^"]+)"', page)[1]
        return page

    def get(self, path: str) -> str:
        return self._ask(urllib.request.Request(self.address + path))

    def open_stream(self) -> HTTPResponse:
        """Open the console's live stream: an operator is on shift while their console is open."""
        return self._opener.open(f"{self.address}/live/console", timeout=PATIENCE)

    def post(self, path: str, **words: str) -> str:
        body = urllib.parse.urlencode({**words, "csrfmiddlewaretoken": self.token}).encode()
        return self._send(path, body, "application/x-www-form-urlencoded")

    def post_json(self, path: str, words: dict[str, object]) -> dict[str, object]:
        return json.loads(self._send(path, json.dumps(words).encode(), "application/json"))

    def _send(self, path: str, body: bytes, kind: str) -> str:
        headers = {"Content-Type": kind, "X-CSRF-Token": self.token, "Sec-Fetch-Mode": "cors"}
        return self._ask(urllib.request.Request(self.address + path, body, headers))

    def _ask(self, request: urllib.request.Request) -> str:
        with self._opener.open(request, timeout=PATIENCE) as answer:
            return answer.read().decode()

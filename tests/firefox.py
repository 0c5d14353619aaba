"""Debian's Firefox without Playwright, which supports only its own build: Marionette, Firefox's own protocol.

Messages are JSON after their length, `17:[0,1,"name",{...}]`, over TCP (Firefox Source Docs, Marionette, Protocol).
"""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIREFOX = "/usr/bin/firefox-esr"
PATIENCE = 60  # seconds to start, on a loaded machine
ESCAPE, TAB = "\ue00c", "\ue004"  # WebDriver's names of keys
QUIET = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "marionette.port": 0,  # a free one, written to the profile
}


class Firefox:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._number = 0
        self._read()  # its greeting
        self.do("NewSession", strictFileInteractability=False)

    def do(self, verb: str, **what: Any) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, f"WebDriver:{verb}", what]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, answer = self._read()
        assert error is None, error
        return answer.get("value") if isinstance(answer, dict) else answer

    def open(self, url: str) -> None:
        self.do("Navigate", url=url)

    @property
    def url(self) -> str:
        return str(self.do("GetCurrentURL"))

    def ask(self, script: str) -> Any:
        """Run an asynchronous function in the page, and return its result."""
        return self.do("ExecuteAsyncScript", script=f"({script})().then(arguments[0])", args=[])

    def press(self, *keys: str) -> None:
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.do("PerformActions", actions=[{"type": "key", "id": "keys", "actions": steps}])

    def click(self, selector: str) -> None:
        element = self.do("FindElement", using="css selector", value=selector)
        self.do("ElementClick", id=next(iter(element.values())))

    def _read(self) -> Any:
        length = b""
        while (byte := self._socket.recv(1)) != b":":
            length += byte
        body = b""
        while len(body) < int(length):
            body += self._socket.recv(int(length) - len(body))
        return json.loads(body)


@contextmanager
def firefox(**settings: Any) -> Iterator[Firefox]:
    """Start Firefox with a new, empty profile."""
    profile = Path(tempfile.mkdtemp(prefix="amparo-firefox-"))
    lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in {**QUIET, **settings}.items())
    (profile / "user.js").write_text("\n".join(lines))
    command = [FIREFOX, "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Firefox(_port(profile))
    finally:
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(profile, ignore_errors=True)


def _port(profile: Path) -> int:
    end = time.monotonic() + PATIENCE
    while not (port_file := profile / "MarionetteActivePort").exists() or not port_file.read_text():
        assert time.monotonic() < end, "Firefox does not start"
        time.sleep(0.1)
    return int(port_file.read_text())

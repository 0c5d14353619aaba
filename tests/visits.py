"""A visit to a public page in a real browser, the traces that it left, and planted traces as a control."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from playwright.sync_api import BrowserContext, Page, Route

from .hotline import Hotline, hotline

STORED = """async () => ({
  cookie: document.cookie.length,
  localStorage: localStorage.length,
  sessionStorage: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  files: (await (await navigator.storage.getDirectory()).keys().next()).done ? 0 : 1,
})"""


@contextmanager
def two_sides() -> Iterator[Hotline]:
    """As in production: each side has its own host name. Browsers allow the microphone on `localhost`."""
    with hotline(AMPARO_PUBLIC_HOST="localhost", AMPARO_STAFF_HOST="127.0.0.1") as running:
        yield running


@dataclass
class Visit:
    """One page opened, viewed and left; `traces` lists what stayed behind."""

    page: Page
    requested: list[str] = field(default_factory=list)
    stored: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def traces(self, address: str) -> list[str]:
        found = [f"stored in {where}" for where, much in self.stored.items() if much]
        found += [f"cookie {cookie['name']}" for cookie in self.page.context.cookies()]
        found += [f"asked {url}" for url in self.requested if not url.startswith((f"{address}/", "about:"))]
        self.page.go_back()
        if self.page.url != "about:blank":
            found.append(f"Back shows {self.page.url}")
        return found


def visit(context: BrowserContext, address: str, path: str = "/", exit_by: str = "touch") -> Visit:
    """Go from an empty tab to the page, and leave it again."""
    it = Visit(context.new_page())
    it.page.on("request", lambda request: it.requested.append(request.url))
    it.page.goto("about:blank")
    it.page.goto(address + path, wait_until="networkidle")
    it.stored = it.page.evaluate(STORED)
    start = time.monotonic()
    leave(it.page, exit_by)
    it.page.wait_for_url("**/cover", wait_until="domcontentloaded")
    it.seconds = time.monotonic() - start
    return it


def leave(page: Page, exit_by: str) -> None:
    if exit_by == "touch":
        page.locator(".leave").click(no_wait_after=True)
        return
    for _ in range(3):
        page.keyboard.press("Escape")


@contextmanager
def somebody_else() -> Iterator[tuple[str, list[str]]]:
    """Another server: its address, and the requests that it received."""
    requests: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()


def plant(context: BrowserContext, path: str, change: Callable[[str], str], **headers: str) -> None:
    """Change the hotline's answer at `path` for this browser; a header given as "" is removed."""

    def answer(route: Route) -> None:
        real = route.fetch()
        kept = {k: v for k, v in {**real.headers, **headers}.items() if v and k != "content-encoding"}
        route.fulfill(status=real.status, headers=kept, body=change(real.text()))

    context.route(path, answer)

"""Debian's Chromium for the browser tests: its microphone beeps, and it sends nothing to the network."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

PATIENCE = 30  # seconds, on a loaded machine
CHROMIUM = "/usr/bin/chromium"  # as people have it
# The same engine without windows, which costs a fifth less.
SHELL = shutil.which("chromium-headless-shell") or CHROMIUM
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # a container's is small
)
VOICE = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",  # beeps once a second
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
REPEATED = (
    "Array.from(document.querySelectorAll('[id]'), (it) => it.id).filter((id, at, all) => all.indexOf(id) !== at)"
)
OVERDRAWN = (Path(__file__).parent / "overdrawn.js").read_text()
REFUSE_MICROPHONE = (
    "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
)


@contextmanager
def chromium(program: str = SHELL) -> Iterator[Browser]:
    """While it runs, this thread must not use Django's database: Playwright's event loop runs in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, *VOICE])
        yield browser
        browser.close()


def violations(page: Page | Frame) -> list[str]:
    """Violations that axe finds, in short, and two that it misses: duplicate ids, because labels name the first alone,
    and text drawn over other text.
    """
    found = Axe().run(page).response["violations"]
    wrong = [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
    return wrong + [f"twice: #{id}" for id in page.evaluate(REPEATED)] + page.evaluate(OVERDRAWN)


def violations_by_scheme(page: Page) -> list[str]:
    """What `violations` finds in light and in dark, with the page loaded once. Colours change at once."""
    wrong = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wrong += [f"{scheme}: {fault}" for fault in violations(page)]
    return wrong


def sideways(page: Page) -> bool:
    """True if the page scrolls sideways."""
    wider: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wider


def take_the_call(page: Page) -> None:
    """Answer by keyboard, once the bar has its button: the card and the bar of a ringing call are drawn one after the
    other.
    """
    expect(page.locator(".ring")).to_be_visible()
    expect(page.locator("[data-key='first'][formaction^='/calls/']")).to_be_visible()
    page.keyboard.press("Alt+a")


def until(page: Page, true: str) -> None:
    """Wait for a JavaScript condition; Playwright's own function needs eval, which our pages forbid."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(true):
        assert time.monotonic() < end, f"never true: {true}"
        page.wait_for_timeout(100)

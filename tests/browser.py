"""Debian's Chromium, as the browser tests need it: its microphone beeps, and it asks nothing of the network."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

PATIENCE = 30  # seconds, on a loaded machine
CHROMIUM = "/usr/bin/chromium"
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
def chromium() -> Iterator[Browser]:
    """For as long as it runs, this thread must not use Django's database: Playwright's loop lives in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *VOICE])
        yield browser
        browser.close()


def violations(page: Page) -> list[str]:
    """What axe finds wrong, in short, and what it does not see: each id that stands twice, for labels name the first
    alone, and words that are drawn over other words.
    """
    found = Axe().run(page).response["violations"]
    wrong = [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
    return wrong + [f"twice: #{id}" for id in page.evaluate(REPEATED)] + page.evaluate(OVERDRAWN)


def sideways(page: Page) -> bool:
    """Whether one has to scroll sideways."""
    wider: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wider


def take_the_call(page: Page) -> None:
    """By key, once the bar has its button: card and bar of a call that rings are drawn one after the other."""
    expect(page.locator(".ring")).to_be_visible()
    expect(page.locator("[data-key='first'][formaction^='/calls/']")).to_be_visible()
    page.keyboard.press("Alt+a")


def until(page: Page, true: str) -> None:
    """Wait for a JavaScript condition; Playwright's own way needs eval, which our pages forbid."""
    end = time.monotonic() + PATIENCE
    while not page.evaluate(true):
        assert time.monotonic() < end, f"never true: {true}"
        page.wait_for_timeout(100)

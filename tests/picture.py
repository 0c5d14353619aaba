"""`python -m tests.picture`: make the picture of the console in README.md again, from the current demonstration."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from .browser import chromium
from .hotline import CHECKOUT, Hotline, hotline

PICTURE = CHECKOUT / "docs" / "console.png"
SIZE = {"width": 1440, "height": 900}
SECONDS = 1000  # ms
NOTES = "Llama desde una tienda. Le ofrecieron trabajo en otra ciudad y al llegar le quitaron el documento."


@contextmanager
def calling(line: Hotline, who: str) -> Iterator[None]:
    """An invented person calls, stays on the line inside the block, and hangs up."""
    command = [sys.executable, "-m", "amparo", "demo", "call", "--caller", who]
    caller = subprocess.Popen(command, cwd=CHECKOUT, env=line.environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        caller.send_signal(
            signal.SIGINT
        )  # so that the caller sends BYE; else the line waits until their silence times out
        caller.wait()


def answer(page: Page) -> None:
    """Ana answers the ringing call, and writes."""
    page.locator(".call-bar [data-talks]").click(timeout=60 * SECONDS)
    page.locator("[name=safe_to_talk][value=yes]").check()
    page.locator("[name=limits]").check()
    page.locator("#id_notes").fill(NOTES)
    page.locator(".saved[data-state=saved]").wait_for()


def main() -> None:
    with hotline() as line, chromium() as browser:
        context = browser.new_context(viewport=SIZE, locale="es-PE", color_scheme="light", permissions=["microphone"])
        page = context.new_page()
        page.goto(f"{line.address}/sign-in")
        page.get_by_role("button", name="Ana F.").click()
        page.locator("[formaction='/seat/ready']").click()
        with calling(line, "pisonay"):
            answer(page)
            with calling(line, "condor"):
                page.locator(".queue-row").first.wait_for(timeout=60 * SECONDS)
                page.wait_for_timeout(20 * SECONDS)  # a call that has lasted a while
                page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()

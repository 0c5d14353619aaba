"""How soon a waiting call appears on the screens: from the key that enters the queue to the row in two consoles.

    python -m bench.console [--calls 50]

Two consoles are open in real browsers; callers are real SIP telephones. The clock runs from sending the caller's key
until the row is in the page. So it includes the switchboard, the database, the notification and the fragment.
"""

import argparse
import asyncio
import os
import statistics
import threading
import time

from amparo.line.switchboard.media.clock import Clock
from tests.browser import chromium
from tests.hotline import hotline

WATCH = """
window.seen = [];
new MutationObserver(() => {
  const rows = document.querySelectorAll("[data-part=queue] .queue-row").length;
  if (rows > (window.rows ?? 0)) window.seen.push(Date.now());
  window.rows = rows;
}).observe(document.querySelector("[data-part=queue]"), { childList: true, subtree: true });
"""


class Callers(threading.Thread):
    """One caller after another: enters the queue, waits a while, hangs up."""

    def __init__(self, port: int, calls: int) -> None:
        super().__init__()
        self.port, self.calls, self.pressed = port, calls, []

    def run(self) -> None:
        asyncio.run(self._call())

    async def _call(self) -> None:
        from amparo.line.switchboard.tests.phones import Phone

        async with Clock().running() as clock:
            for number in range(self.calls):
                phone = await Phone.plug_in(clock, 440)
                await phone.call(f"sip:ayuda@127.0.0.1:{self.port}", self.port, f"000{number:06}")
                while not phone.heard:
                    await asyncio.sleep(0.05)
                self.pressed.append(time.time() * 1000)
                await phone.press("1")
                await asyncio.sleep(1.5)
                phone.hang_up()
                phone.unplug()
                await asyncio.sleep(0.5)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=50)
    calls = arguments.parse_args().calls
    with hotline() as line, chromium() as browser:
        pages = []
        for name in ("Ana F.", "Rufino E."):
            page = browser.new_context().new_page()
            page.goto(f"{line.address}/sign-in")
            page.get_by_role("button", name=name).click()
            page.wait_for_url("**/console")
            page.wait_for_timeout(2000)
            page.evaluate(WATCH)
            pages.append(page)
        callers = Callers(line.sip_port, calls)
        callers.start()
        while callers.is_alive():
            pages[0].wait_for_timeout(500)
        for number, page in enumerate(pages, 1):
            print(report(f"console {number}", callers.pressed, page.evaluate("window.seen")))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def report(name: str, pressed: list[float], seen: list[float]) -> str:
    """Return a line of the waits, in ms, from each key press in `pressed` to the first row in `seen` after it."""
    waits = [next((at - key for at in seen if at >= key), float("inf")) for key in pressed]
    p50, p95 = statistics.median(waits), sorted(waits)[int(0.95 * (len(waits) - 1))]
    return f"{name}: {len(waits)} calls, visible after p50 {p50:.0f} ms, p95 {p95:.0f} ms, worst {max(waits):.0f} ms"


if __name__ == "__main__":
    main()

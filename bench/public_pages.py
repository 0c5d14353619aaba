"""How long each public page takes on a simulated 2G telephone: `python -m bench.public_pages [--months 5]`.

Debian's Chromium opens every public page in each language with an empty cache. CDP slows its network and its processor
(factor 4). One time is from the start of the navigation to the end of the load event, with all styles and scripts; the
other, to the first words on the screen. CDP delays each request, but neither name lookup nor handshakes: a telephone
adds them once, three or four times the latency. The figures depend on this machine only through the processor.
"""

import argparse
import os
import statistics
import tempfile
from dataclasses import dataclass

from playwright.sync_api import Browser

from tests.browser import CHROMIUM, chromium
from tests.hotline import Hotline, hotline

SLOWER = 4  # the processor, by this factor
LIMIT = 3.0  # seconds: the aim
LOADED = """() => {
  const page = performance.getEntriesByType('navigation')[0];
  const words = performance.getEntriesByName('first-contentful-paint')[0];
  return page.loadEventEnd > 0 && [page.loadEventEnd / 1000, words ? words.startTime / 1000 : null];
}"""


@dataclass(frozen=True)
class Network:
    name: str
    kilobits: int  # a second, in each direction
    latency: int  # ms, from a request to the first byte of its answer


NETWORKS = (Network("EDGE", 250, 300), Network("GPRS", 50, 500))


def load(browser: Browser, address: str, network: Network) -> tuple[float, float | None]:
    """Return the seconds until the page has loaded, and until its first words. None: nothing was painted yet."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, locale="es-PE")
    try:
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        cdp.send("Network.enable")
        bytes_a_second = network.kilobits * 1000 / 8
        cdp.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": network.latency, "downloadThroughput": bytes_a_second,
             "uploadThroughput": bytes_a_second},
        )  # fmt: skip
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address, wait_until="load")
        while not (found := page.evaluate(LOADED)):
            page.wait_for_timeout(50)
        return found[0], found[1]
    finally:
        context.close()


def measure(it: Hotline, browser: Browser) -> None:
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as folder:  # only the table of addresses is read
        os.environ.update(AMPARO_HOME=folder, DJANGO_SETTINGS_MODULE="amparo.settings")
        import django

        django.setup()
        from tests.test_the_programme_in_a_browser import LANGUAGES, public_pages
    pages = public_pages(it, browser.new_page())
    load(browser, f"{it.address}/", NETWORKS[0])  # warm: the server compiles its templates once
    for network in NETWORKS:
        found = {
            f"{path} {language}": load(browser, f"{it.address}{path}?language={language}", network)
            for path in pages
            for language in LANGUAGES
        }
        print(f"\n{network.name}: {network.kilobits} kbit/s, {network.latency} ms, processor {SLOWER} times slower")
        for name, (seconds, words) in sorted(found.items(), key=lambda each: -each[1][0]):
            print(f"  {seconds:5.2f} s  first words {'-' if words is None else f'{words:5.2f} s'}  {name}")
        times = [seconds for seconds, _words in found.values()]
        late = sum(seconds > LIMIT for seconds in times)
        print(
            f"{network.name}: {len(times)} pages, median {statistics.median(times):.2f} s, slowest {max(times):.2f} s, "
            f"{late} over {LIMIT:.0f} s; load average {os.getloadavg()[0]:.1f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--months", type=int, default=5, help="invented months, so that the pages have something to say"
    )
    chosen = parser.parse_args()
    with hotline(months=chosen.months) as it, chromium(CHROMIUM) as browser:
        measure(it, browser)


if __name__ == "__main__":
    main()

"""What comes over the network, and what the browser then lets the page do."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext

from amparo.screens.site import offers

PAGES = ("/", "/call", "/chat", "/again", "/reply")
SMALL = 14_000  # bytes compressed: the first round trip of a slow network (initial window of ten packets, RFC 6928)
ALIKE = 1.1  # who watches the network may not see the language by the length


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 700})
    yield context
    context.close()


class Weight(NamedTuple):
    """Bytes that came over the network."""

    page: int  # alone, with its headers: what who watches can tell it by
    all_bodies: int  # with style, script and pictures
    everything: int  # and the headers of all


@pytest.mark.parametrize("path", PAGES)
def test_it_weighs_little_and_the_same_in_every_language(browser, line, capsys, path):
    sizes = {language: weight(browser, f"{line.address}{path}?language={language}") for language in ("es", "en", "qu")}
    with capsys.disabled():
        print(f"\n{path} over the network, at most {SMALL}: {sizes}")
    assert max(size.all_bodies for size in sizes.values()) <= SMALL
    pages = [size.page for size in sizes.values()]
    assert max(pages) <= ALIKE * min(pages)


def weight(browser: Browser, url: str) -> Weight:
    context = browser.new_context()
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    requests: dict[str, str] = {}
    heads: dict[str, int] = {}
    total: dict[str, int] = {}
    network.on("Network.requestWillBeSent", lambda it: requests.update({it["request"]["url"]: it["requestId"]}))
    network.on(
        "Network.responseReceived", lambda it: heads.update({it["requestId"]: it["response"]["encodedDataLength"]})
    )
    network.on("Network.loadingFinished", lambda it: total.update({it["requestId"]: it["encodedDataLength"]}))
    page.goto(url, wait_until="networkidle")
    context.close()
    return Weight(total[requests[url]], sum(total.values()) - sum(heads.values()), sum(total.values()))


@pytest.mark.parametrize("path", [*PAGES, "/cover"])
def test_the_page_breaks_none_of_its_own_rules(phone, line, path):
    page = phone.new_page()
    lines: list[str] = []
    page.on("console", lambda message: lines.append(message.text))
    page.on("pageerror", lambda error: lines.append(str(error)))
    page.goto(line.address + path, wait_until="networkidle")
    assert [text for text in lines if not text.startswith("Clear-Site-Data header")] == []


@pytest.mark.parametrize("path", [*PAGES, "/cover"])
def test_the_browser_lets_the_page_use_nothing_else(phone, line, path):
    page = phone.new_page()
    page.goto(line.address + path)
    allowed = page.evaluate("document.featurePolicy.allowedFeatures()")
    powers = {name for name in allowed if not name.startswith("ch-")} - HARMLESS
    assert powers == ({"microphone", "autoplay"} if path == "/call" else set())


# Speaking to a screen reader; being left; going on with a call in a window behind others, and with a hotline next door.
HARMLESS = {
    "aria-notify", "unload", "media-playback-while-not-visible",
    "local-network", "local-network-access", "loopback-network",
}  # fmt: skip


def test_who_is_no_named_proxy_is_not_believed(line):
    """test_served_by_https.py is the control: there one is named, and https is remembered."""
    request = urllib.request.Request(f"{line.address}/", headers={"X-Forwarded-Proto": "https"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert "Strict-Transport-Security" not in answer.headers


def test_an_address_that_no_named_proxy_wrote_counts_for_nothing(line):
    """Offers from loopback need proof of work, whatever they write. test_served_by_https.py is the control: there a
    proxy is named, and each network may offer some without.
    """
    more = {"X-Forwarded-For": "198.51.100.7", "Sec-Fetch-Site": "same-origin"}
    with pytest.raises(urllib.error.HTTPError, match="429"):
        urllib.request.urlopen(urllib.request.Request(f"{line.address}{offers.PATH}", b"{}", more), timeout=10)


@pytest.mark.parametrize("in_pieces", [True, False])
def test_headers_have_an_end(line, in_pieces):
    assert b" 200 " in with_a_header_of(line, 60_000, in_pieces)
    refused = with_a_header_of(line, 70_000, in_pieces)
    assert b" 400 " in refused
    assert b"64 kB" in refused


def with_a_header_of(line, length, in_pieces):
    """What is answered to a request with so many bytes of a header."""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: " + b"x" * length + b"\r\n\r\n"
    size = 8_000 if in_pieces else len(request)
    with socket.create_connection(("127.0.0.1", line.http_port), timeout=10) as link, suppress(ConnectionError):
        for start in range(0, len(request), size):
            link.sendall(request[start : start + size])
            time.sleep(0.02)
        return link.recv(4_000)
    return b""


def test_the_answer_does_not_say_what_serves_it(line):
    with urllib.request.urlopen(f"{line.address}/", timeout=10) as answer:
        assert "Server" not in answer.headers

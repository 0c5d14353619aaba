"""What comes over the network, and what the browser then lets the page do."""

import urllib.request
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext

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
    asked: dict[str, str] = {}
    heads: dict[str, int] = {}
    whole: dict[str, int] = {}
    network.on("Network.requestWillBeSent", lambda it: asked.update({it["request"]["url"]: it["requestId"]}))
    network.on(
        "Network.responseReceived", lambda it: heads.update({it["requestId"]: it["response"]["encodedDataLength"]})
    )
    network.on("Network.loadingFinished", lambda it: whole.update({it["requestId"]: it["encodedDataLength"]}))
    page.goto(url, wait_until="networkidle")
    context.close()
    return Weight(whole[asked[url]], sum(whole.values()) - sum(heads.values()), sum(whole.values()))


@pytest.mark.parametrize("path", [*PAGES, "/cover"])
def test_the_page_breaks_none_of_its_own_rules(phone, line, path):
    page = phone.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(line.address + path, wait_until="networkidle")
    assert [text for text in said if not text.startswith("Clear-Site-Data header")] == []


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


def test_behind_a_web_server_https_is_remembered(line):
    told = urllib.request.Request(f"{line.address}/", headers={"X-Forwarded-Proto": "https"})
    with urllib.request.urlopen(told, timeout=10) as answer:
        assert answer.headers["Strict-Transport-Security"]
    with urllib.request.urlopen(f"{line.address}/", timeout=10) as answer:
        assert "Strict-Transport-Security" not in answer.headers


def test_the_answer_does_not_say_what_serves_it(line):
    with urllib.request.urlopen(f"{line.address}/", timeout=10) as answer:
        assert "Server" not in answer.headers

import time
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, expect

from amparo.foundation.core.proof_of_work import has_leading_zeros
from tests.browser import REFUSE_MICROPHONE, sideways, until, violations, violations_by_language, violations_by_scheme
from tests.hotline import Hotline

from .test_public_pages import PAGES

KEPT = """async () => [
  document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length,
]"""
MICROPHONE_LATER = """
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (what) => new Promise((go) => { window.allow = () => go(ask(what)); });
"""


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 700})
    context.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    yield context
    context.close()


def test_every_page_is_accessible_and_narrow(visitor, line: Hotline):
    page = visitor.new_page()
    page.set_viewport_size({"width": 320, "height": 600})
    for language in ("es", "en", "qu"):
        for path in (*PAGES, "/sign-in"):
            page.goto(f"{line.address}{path}?language={language}")
            assert violations_by_language(page, language) == [], path
            assert not sideways(page), path


def test_the_control_words_that_are_hard_to_read_in_the_dark_alone_are_found(visitor):
    page = visitor.new_page()
    page.set_content("""<!doctype html><html lang="en"><title>x</title><main><h1>Words</h1></main>
        <style>@media (prefers-color-scheme: dark) { body { background: #000; color: #222 } }</style>""")
    assert [fault[:20] for fault in violations_by_scheme(page)] == ["dark: color-contrast"]
    assert [fault[:20] for fault in violations_by_language(page, "en")] == ["dark: color-contrast"]
    assert violations_by_language(page, "es") == []


@pytest.mark.parametrize("state", ["connecting", "waiting", "talking", "on_hold", "message", "ended", "deaf", "away"])
def test_every_state_of_the_call_is_accessible_and_says_one_sentence(visitor, line: Hotline, state):
    page = visitor.new_page()
    page.goto(f"{line.address}/call")
    page.locator("#call").evaluate("(it, state) => { it.dataset.state = state }", state)
    assert violations(page) == []
    assert page.locator(".state > :visible").count() == 1


def test_leaving_leaves_nothing_behind(visitor, line: Hotline):
    page = visitor.new_page()
    page.goto("about:blank")
    page.goto(f"{line.address}/")
    page.locator("a[href^='/call']").first.click()
    page.wait_for_url("**/call")
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url("**/cover")
    page.go_back()
    assert page.url == "about:blank"  # Back shows what was before us
    page.go_forward()
    assert page.url.endswith("/cover")


def test_leaving_by_touch_takes_the_place_of_the_page(visitor, line: Hotline):
    page = visitor.new_page()
    page.goto("about:blank")
    page.goto(f"{line.address}/")
    page.locator(".leave").click()
    page.wait_for_url("**/cover")
    page.go_back()
    assert page.url == "about:blank"


def test_leaving_works_without_script(browser: Browser, line: Hotline):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{line.address}/")
    page.locator(".leave").click()
    page.wait_for_url("**/cover")
    context.close()


def test_two_escapes_do_not_leave(visitor, line: Hotline):
    page = visitor.new_page()
    page.goto(f"{line.address}/")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert page.url == f"{line.address}/"


def test_a_call_keeps_nothing_in_the_browser(visitor, line: Hotline):
    page = visitor.new_page()
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{line.address}/call")
    page.locator("[data-do='call']").click()
    expect(page.locator("#call")).to_have_attribute("data-state", "waiting")
    page.locator("[data-do='end']").click()
    expect(page.locator("#call")).to_have_attribute("data-state", "ended")
    assert page.evaluate(KEPT) == ["", 0, 0, 0, 0]
    assert visitor.cookies() == []
    assert all(url.startswith(f"{line.address}/") for url in requests)  # nobody else is asked for anything


def test_a_refused_microphone_is_said_in_one_sentence(visitor, line: Hotline):
    visitor.add_init_script(REFUSE_MICROPHONE)
    page = visitor.new_page()
    page.goto(f"{line.address}/call")
    page.locator("[data-do='call']").click()
    expect(page.locator("#call")).to_have_attribute("data-state", "deaf")


def test_a_call_that_was_ended_before_it_began_does_not_begin(visitor, line: Hotline):
    """Ended while the browser still asks for the microphone, which is given afterwards."""
    visitor.add_init_script(MICROPHONE_LATER)
    page, offers = visitor.new_page(), []
    page.on("request", lambda request: offers.append(request) if request.url.endswith("/call/offer") else None)
    page.goto(f"{line.address}/call")
    for state, offered in (("ended", 0), ("waiting", 1)):
        page.locator("[data-do='call']").click()
        until(page, "window.allow !== undefined")
        if state == "ended":
            page.locator("[data-do='end']").click()
        page.evaluate("window.allow(), delete window.allow")
        expect(page.locator("#call")).to_have_attribute("data-state", state)
        assert len(offers) == offered
    page.locator("[data-do='end']").click()


def turns(since: datetime) -> list[float]:
    """How far behind their arrival the waiting callers stand who came since then, in seconds."""
    from amparo.line.switchboard.models import Call

    rows = Call.objects.waiting().filter(arrived_at__gte=since)
    return [(row.turn_at - row.waiting_since).total_seconds() for row in rows if row.turn_at and row.waiting_since]


@pytest.mark.parametrize("works", [True, False])
def test_work_is_done_unseen_and_an_unknown_network_must_do_it(visitor, line: Hotline, works):
    page, started = visitor.new_page(), timezone.now()
    if not works:
        page.route("**/call/riddle", lambda route: route.abort())
    page.goto(f"{line.address}/call")
    page.locator("[data-do='call']").click()
    if not works:  # the test calls from loopback, where a proxy says nothing of the network behind it
        expect(page.locator("#call")).to_have_attribute("data-state", "away")
        return
    expect(page.locator("#call")).to_have_attribute("data-state", "waiting")
    page.locator("[data-press='1']").click()  # a language: into the queue
    end = time.monotonic() + 30
    while not (behind := line.do(turns, started)):
        assert time.monotonic() < end
        page.wait_for_timeout(200)
    page.locator("[data-do='end']").click()
    assert behind == [0]


@pytest.mark.parametrize("length", [30, 54, 55, 56, 63, 64, 65, 119, 130])
def test_the_page_and_the_house_mean_the_same_work(visitor, line: Hotline, length):
    page = visitor.new_page()
    page.goto(f"{line.address}/call")
    found = page.evaluate(
        "async (prefix) => (await import('/static/site/work.js')).search(prefix, 12)", "x" * length + "."
    )
    assert has_leading_zeros("x" * length + "." + found, 12)


def test_how_long_the_work_takes(visitor, line: Hotline, capsys):
    page = visitor.new_page()
    page.goto(f"{line.address}/call")
    search = """async () => {
      const { search } = await import('/static/site/work.js'), times = [];
      for (let i = 0; i < 12; i++) {
        const start = performance.now();
        await search(`18.${i}.`, 18);
        times.push(performance.now() - start);
      }
      return times;
    }"""
    times = sorted(page.evaluate(search))
    with capsys.disabled():
        print(f"\nProof of work in Chromium, 18 bits: median {times[6]:.0f} ms, longest {times[-1]:.0f} ms")
    assert times[6] < 5000

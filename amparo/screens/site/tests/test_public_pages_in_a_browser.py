from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import REFUSE_MICROPHONE, sideways, violations
from tests.hotline import Hotline

KEPT = """async () => [
  document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length,
]"""


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 700})
    context.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    yield context
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_narrow(visitor, line: Hotline, scheme):
    page = visitor.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 600})
    for language in ("es", "en", "qu"):
        for path in ("/", "/call", "/cover", "/sign-in"):
            page.goto(f"{line.address}{path}?language={language}")
            assert violations(page) == [], path
            assert not sideways(page), path


@pytest.mark.parametrize("state", ["connecting", "waiting", "talking", "held", "message", "ended", "deaf", "away"])
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
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{line.address}/call")
    page.locator("[data-do='call']").click()
    expect(page.locator("#call")).to_have_attribute("data-state", "waiting")
    page.locator("[data-do='end']").click()
    expect(page.locator("#call")).to_have_attribute("data-state", "ended")
    assert page.evaluate(KEPT) == ["", 0, 0, 0, 0]
    assert visitor.cookies() == []
    assert all(url.startswith(f"{line.address}/") for url in asked)  # nobody else is asked for anything


def test_a_refused_microphone_is_said_in_one_sentence(visitor, line: Hotline):
    visitor.add_init_script(REFUSE_MICROPHONE)
    page = visitor.new_page()
    page.goto(f"{line.address}/call")
    page.locator("[data-do='call']").click()
    expect(page.locator("#call")).to_have_attribute("data-state", "deaf")

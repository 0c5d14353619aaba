"""A caller presses 9 on the page of her call. The page says that we know, for ten seconds, and only to her."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import sideways, violations_by_scheme
from tests.hotline import Hotline

WORDS = "Lo sabemos. Siga en la línea."
NEUTRAL = "Inicio"  # the title of every public page


@pytest.fixture
def caller(browser: Browser, line: Hotline) -> Iterator[Page]:
    """A page in whose call the opening words play. Its clock can be moved."""
    context = browser.new_context(viewport={"width": 390, "height": 800}, locale="es-PE")
    context.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    page = context.new_page()
    page.clock.install()
    page.goto(f"{line.address}/call")
    page.locator("[data-do='call']").click()
    expect(page.locator("#call")).to_have_attribute("data-state", "waiting")
    yield page
    page.goto("about:blank")
    context.close()


def test_the_page_answers_the_key_and_forgets_it(caller: Page) -> None:
    place = caller.locator("[data-press='9']").bounding_box()
    caller.locator("[data-press='1']").click()
    expect(caller.locator(".known")).to_be_empty()
    caller.locator("[data-press='9']").click()
    expect(caller.locator(".known")).to_have_text(WORDS)
    assert caller.title() == NEUTRAL
    assert caller.locator("[data-press='9']").bounding_box() == place  # nothing moved under the hand
    assert violations_by_scheme(caller) == []
    caller.set_viewport_size({"width": 320, "height": 700})
    assert not sideways(caller)
    caller.clock.fast_forward(11_000)
    expect(caller.locator(".known")).to_be_empty()
    caller.locator("[data-press='9']").click()  # a second press is answered too
    expect(caller.locator(".known")).to_have_text(WORDS)
    caller.locator("[data-do='end']").click()
    expect(caller.locator(".known")).to_be_empty()


def test_a_hidden_page_says_nothing(caller: Page) -> None:
    caller.evaluate("Object.defineProperty(document, 'hidden', { get: () => window.isHidden ?? false })")
    caller.locator("[data-press='9']").click()
    expect(caller.locator(".known")).to_have_text(WORDS)
    caller.evaluate("window.isHidden = true, document.dispatchEvent(new Event('visibilitychange'))")
    expect(caller.locator(".known")).to_be_empty()
    caller.locator("[data-press='9']").evaluate("(key) => key.click()")
    caller.locator("[data-press='9']").evaluate("(key) => key.click()")
    with pytest.raises(AssertionError):
        expect(caller.locator(".known")).to_have_text(WORDS, timeout=2_000)
    caller.evaluate("window.isHidden = false")
    caller.locator("[data-press='9']").click()
    expect(caller.locator(".known")).to_have_text(WORDS)  # it would have been heard


def test_the_quick_exit_takes_the_answer_with_it(caller: Page) -> None:
    caller.locator("[data-press='9']").click()
    expect(caller.locator(".known")).to_have_text(WORDS)
    for _ in range(3):
        caller.keyboard.press("Escape")
    caller.wait_for_url("**/cover")
    assert WORDS not in caller.content()

"""Beside a written conversation stands the same panel as beside a call: screening, consent, services, beds."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import signed_in, violations
from tests.hotline import Hotline

from .steps import KEYS_OF_TABS, a_chat_of_ana, is_too_wide, tab


@pytest.fixture
def page(line: Hotline, browser: Browser) -> Iterator[Page]:
    """Ana's console with a chat, and the cursor in the answer."""
    page = signed_in(browser, line, "Ana F.")
    page.goto(f"{line.address}{line.do(a_chat_of_ana)}")
    expect(page.locator("#text")).to_be_focused()
    yield page
    page.context.close()


def open_case(page: Page) -> None:
    """All keys at once: what comes before the page of the tab is kept for it."""
    page.keyboard.press("Alt+i")
    page.keyboard.press("Alt+i")
    page.keyboard.press("Enter")
    expect(tab(page, "screening").locator("#id_age_at_events")).to_be_focused()


def test_she_is_screened_beside_what_she_writes(page):
    page.keyboard.type("Un mom")
    page.keyboard.press("Alt+i")
    page.keyboard.type("ento")  # the cursor stays in the answer
    expect(page.locator("#text")).to_have_value("Un momento")
    open_case(page)
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    expect(tab(page, "screening").locator(".answered-questions li")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.type("Tiene 17.")
    expect(page.locator("#id_notes")).to_have_value("Tiene 17.")
    expect(page.locator("#text")).to_have_value("Un momento")


def test_every_tab_fits_beside_the_chat_and_alone(page):
    open_case(page)
    wrong, wide = {}, []
    for key, name in KEYS_OF_TABS.items():
        page.set_viewport_size({"width": 1280, "height": 900})
        page.keyboard.press(f"Alt+{key}")
        expect(page.locator(f"iframe[name='panel-{name}'][data-ready]")).to_be_visible()
        assert page.locator("#id_notes").is_visible()
        for width in (1280, 1100, 390):
            page.set_viewport_size({"width": width, "height": 900})
            if is_too_wide(page, name):
                wide.append((name, width))
        assert not page.locator("#id_notes").is_visible()  # one at a time
        wrong[name] = violations(page)
        page.keyboard.press("Escape")
        expect(page.locator("#id_notes")).to_be_focused()
    assert not any(wrong.values()), wrong
    assert wide == []


def test_the_panel_goes_when_nobody_wants_it(page):
    page.keyboard.press("Alt+d")
    expect(page.locator("iframe[name='panel-directory'][data-ready]")).to_be_visible()
    page.keyboard.press("Alt+h")
    expect(page.locator("iframe[name='panel-directory']")).to_be_hidden()
    expect(page.locator("#id_notes")).to_be_visible()

"""A code typed into the search of the console, by keyboard in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from amparo.line.contacts.models import Contact
from tests.browser import violations
from tests.hotline import Hotline

from . import scenes
from .test_a_night_by_keyboard import a_context, sign_in


@pytest.fixture
def desk(browser: Browser, line: Hotline) -> Iterator[BrowserContext]:
    line.do(scenes.left_behind)
    yield from a_context(browser)


def code_and_page() -> tuple[str, str]:
    contact = Contact.objects.order_by("-number")[0]
    return contact.code, f"/contacts/{contact.pk}"


def test_a_code_opens_or_one_sentence_says_why_not(desk, line) -> None:
    page = sign_in(desk, line)
    code, path = line.do(code_and_page)
    page.keyboard.press("Control+k")
    page.keyboard.type("C-999999")
    page.keyboard.press("Enter")
    expect(page.locator("#palette [role=status]")).to_have_text("No existe, o usted no tiene acceso.")
    assert violations(page) == []
    page.locator("#palette input").fill(code.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")

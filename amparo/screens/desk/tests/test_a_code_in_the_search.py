"""A code typed into the search of the console, by keyboard in Chromium."""

from playwright.sync_api import expect

from amparo.line.contacts.models import Contact
from tests.browser import violations

from . import scenes
from .steps import sign_in


def code_and_page() -> tuple[str, str]:
    contact = Contact.objects.order_by("-number")[0]
    return contact.code, f"/contacts/{contact.pk}"


def test_a_code_opens_or_one_sentence_says_why_not(desk, line) -> None:
    line.do(scenes.left_behind)
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

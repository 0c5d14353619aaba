"""The pages of data requests and of the search: layout, keyboard and accessibility (axe)."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from amparo.line.contacts.models import Contact, DataSubjectRequest
from amparo.line.contacts.rules import receive_request
from tests.browser import sideways, violations_by_scheme

from .conftest import NUMBER
from .tabs import PATIENCE, session_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def data_request(contact, filled_contact, ana, now):
    receive_request(contact, "read_back", by=ana, now=now.replace(year=now.year - 1))
    return receive_request(contact, "erase", by=ana, now=now)


@pytest.fixture
def page(browser, web, marta, data_request):
    context = browser.new_context(locale="es-PE")
    context.set_default_timeout(PATIENCE)
    context.add_cookies([session_of(marta, web)])
    yield context.new_page()
    context.close()


def picture(page, name: str) -> None:
    if folder := os.environ.get("AMPARO_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_pages_are_for_everybody(page, web, contact):
    for where in ("contacts", "contacts/search", "requests", f"contacts/{contact.pk}"):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{web.address}/{where}")
        name = where.replace("/", "-")[:16]
        picture(page, name)
        assert violations_by_scheme(page) == []
        page.set_viewport_size({"width": 320, "height": 700})
        picture(page, f"{name}-320")
        assert not sideways(page)


def test_by_keyboard_a_number_is_searched_and_its_contact_erased(page, web, contact, data_request):
    page.goto(f"{web.address}/contacts/search")
    page.locator("[name=number]").focus()
    page.keyboard.type("0051 987654321")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=contact.code)).to_be_visible()
    assert "987654321" not in page.url
    assert NUMBER not in page.title()
    page.goto(f"{web.address}/requests")
    expect(page.locator(".requests [data-tone=danger]")).to_have_count(1)  # the one of last year
    page.locator(f"form[action$='/{data_request.pk}/answer'] select").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type(contact.code)
    page.keyboard.press("Enter")
    expect(page.locator("table")).to_contain_text(contact.code)
    assert Contact.objects.get().notes is None
    assert DataSubjectRequest.objects.get(pk=data_request.pk).answer == "done"

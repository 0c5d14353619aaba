"""Access reasons, alerts and the audit log in a browser: layout, keyboard, axe.

Open pages show new alerts by themselves.
"""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.audit.sealer import Sealer
from amparo.foundation.audit.tests.conftest import KEY, sealing_role
from amparo.foundation.oversight.models import AccessReason, Alert
from amparo.foundation.oversight.tests.conftest import opens
from amparo.line.contacts.models import Contact
from tests.browser import sideways, violations_by_scheme

from .tabs import PATIENCE, expect_saved, kept, notes, saved, session_of, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vera(contact) -> User:
    """An auditor of another agency."""
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    return User.objects.create(username="vera", first_name="Vera T.", role=Role.AUDITOR, agency=ministry)


@pytest.fixture
def page_of(browser, web):
    """Open a window of this user, with or without scripts."""
    contexts = []

    def page_of(user, **how):
        context = browser.new_context(locale="es-PE", **how)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([session_of(user, web)])
        return context.new_page()

    yield page_of
    for context in contexts:
        context.close()


def read_on(marta) -> None:
    """Open contacts until an alert is raised."""
    opens(marta, 25, timedelta(hours=1))
    seal()


def seal() -> None:
    with sealing_role() as link:
        Sealer(link, [], KEY).seal()


def picture(page, name: str) -> None:
    if folder := os.environ.get("AMPARO_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_the_pages_are_for_everybody(page_of, web, contact, filled_contact, marta, vera):
    read_on(marta)
    pages = {"why": (marta, f"contacts/{contact.pk}"), "alerts": (vera, "alerts"), "ledger": (vera, "ledger")}
    for name, (user, where) in pages.items():
        page = page_of(user)
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{web.address}/{where}")
            picture(page, f"{name}-{width}")
            assert violations_by_scheme(page) == []
            assert not sideways(page)


def test_by_keyboard_and_without_a_script_why_is_said_once(page_of, web, contact, filled_contact, marta):
    page = page_of(marta, java_script_enabled=False)
    page.goto(f"{web.address}/contacts/{contact.pk}")
    expect(page.locator("h1")).to_contain_text(contact.code)
    expect(notes(page)).to_have_count(0)
    page.locator("[name=purpose]").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(notes(page)).to_have_value("words")
    page.reload()
    expect(notes(page)).to_have_value("words")


def test_an_opening_that_ends_while_one_types_costs_no_word(page_of, web, contact, filled_contact, marta):
    page = page_of(marta)
    page.goto(f"{web.address}/contacts/{contact.pk}")
    page.locator("[name=purpose][value=care]").click()
    expect(notes(page)).to_have_value("words")
    AccessReason.objects.all().delete()  # as if twelve hours had passed
    notes(page).press_sequentially(" and more")
    expect(saved(page)).to_contain_text("vuelva a cargar esta página")
    assert "and more" in kept(page)
    page.reload()
    page.locator("[name=purpose][value=care]").click()
    expect(notes(page)).to_have_value(re.compile("and more"))
    expect_saved(page)
    until(lambda: "and more" in Contact.objects.get().notes)


def test_an_open_page_hears_of_an_alert_and_its_answer(page_of, web, marta, vera):
    desk, elsewhere = page_of(vera), page_of(vera)
    desk.goto(f"{web.address}/alerts")
    elsewhere.goto(f"{web.address}/me")
    expect(desk.get_by_text("Marta Q.")).to_have_count(0)
    read_on(marta)
    expect(desk.locator("main").get_by_text("Marta Q.").first).to_be_visible()
    expect(elsewhere.locator("[data-alerts=bar]")).to_contain_text("1")
    desk.locator("[name=answer][value=talked]").click()
    expect(desk.locator("table")).to_contain_text("Marta Q.")
    expect(elsewhere.locator("[data-alerts=bar]")).to_be_empty()
    assert Alert.objects.get().answered_by == vera


def test_whom_it_is_about_sees_nothing_blink(page_of, web, marta):
    """The alert is about the only supervisor of the only agency: her open page is not notified at all."""
    page = page_of(marta)
    requests: list[str] = []
    with page.expect_response("**/live/pages*"):
        page.goto(f"{web.address}/alerts")
    page.wait_for_timeout(2000)  # requests that the page sends when it starts to listen
    page.on("request", lambda request: requests.append(request.url))
    read_on(marta)
    page.wait_for_timeout(2000)
    assert Alert.objects.count() == 1
    assert [url for url in requests if "/alerts/" in url] == []

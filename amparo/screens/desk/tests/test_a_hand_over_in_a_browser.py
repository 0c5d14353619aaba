"""A shift is handed over by keyboard; the page is for every eye and width, and prints without what one can press."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from amparo.care.cases.rules import open_case
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Urgency
from amparo.line.roster.models import ShiftHandOver
from amparo.line.switchboard.models import DangerAlert
from tests.browser import new_session, sideways, violations_by_language
from tests.hotline import Hotline

from . import scenes


def a_hard_night() -> None:
    """An immediate and an urgent case of Ana's, a call with danger, and people to call back."""
    ShiftHandOver.objects.all().delete()
    scenes.left_behind()
    ana, now = scenes.person(), timezone.now()
    for urgency in (Urgency.IMMEDIATE, Urgency.URGENT):
        row = scenes.call(state="ended", operators=[ana.pk], ended_at=now)
        contact = scenes.open_contact(row, by=ana, now=now)
        contact.urgency = urgency
        contact.save(update_fields=["urgency"])
        open_case(contact, by=ana, now=now)
        DangerAlert.objects.get_or_create(call=row, defaults={"at": now, "raised_by": ana})
    Contact.objects.update(state="wrapped", type="crisis")


@pytest.fixture
def page(line, browser):
    line.do(a_hard_night)
    context = browser.new_context(locale="es-PE")
    page = context.new_page()
    yield page
    context.close()


def sign_in(page: Page, line: Hotline, name: str) -> None:
    new_session(page.context, line, name)
    page.goto(f"{line.address}/hand-over")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until this button has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"no Tab leads to {name}")


def test_one_leaves_and_the_next_goes_on_by_keyboard_alone(line, browser, page):
    sign_in(page, line, "Ana F.")
    expect(page.locator("#danger-now small")).to_have_text("1")
    page.get_by_label("Una frase para el turno siguiente").focus()
    page.keyboard.type("La calefacción del segundo piso no funciona.")
    page.keyboard.press("Enter")
    expect(page.locator("section.banner")).to_contain_text("por leer")
    page.context.clear_cookies()
    sign_in(page, line, "Rufino E.")
    expect(page.locator("section.banner")).to_contain_text("La calefacción del segundo piso no funciona.")
    tab_to(page, "Leído: recibo el turno")
    page.keyboard.press("Enter")
    expect(page.locator("section.banner")).to_have_count(0)
    expect(page.locator("section[aria-labelledby=earlier]")).to_contain_text("Recibió Rufino E.")


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("width", [1280, 320])
def test_it_is_for_everybody(line, page, language, width):
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, line, "Ana F.")
    page.goto(f"{line.address}/hand-over?language={language}")
    page.get_by_role("textbox").last.fill("x")
    page.keyboard.press("Enter")
    expect(page.locator("section.banner")).to_be_visible()
    assert violations_by_language(page, language) == []
    assert not sideways(page)


def test_it_prints_what_is_open_and_nothing_that_one_presses(line, page):
    sign_in(page, line, "Ana F.")
    page.emulate_media(media="print")
    assert page.locator("#main button:visible, #main input:visible").count() == 0
    expect(page.locator("#danger-now")).to_be_visible()
    page.emulate_media(media="screen")
    assert page.locator("#main button:visible").count() > 0  # control

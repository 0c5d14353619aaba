"""The bar and the search of every page, by keyboard in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from amparo.line.contacts.models import Contact
from amparo.screens.desk.tests import scenes
from tests.browser import sideways, violations
from tests.hotline import Hotline

ROWS_OF_THE_MENU = """new Set([...document.querySelectorAll(".main-nav > *")]
  .filter((it) => it.checkVisibility()).map((it) => Math.round(it.getBoundingClientRect().top))).size"""
PEOPLE = ("Ana F.", "Marta Q.", "Inés R.", "Delia O.", "Olga P.", "Luz C.", "Paula N.", "Vera T.", "Teo V.")


@pytest.fixture(scope="module")
def context(browser: Browser, line: Hotline) -> Iterator[BrowserContext]:
    line.do(scenes.quiet)  # Ana may have a call that the module before left
    context = browser.new_context(locale="es-PE", viewport={"width": 1280, "height": 800})
    yield context
    context.close()


def sign_in(context: BrowserContext, line: Hotline, who: str) -> Page:
    context.clear_cookies()
    page = context.new_page()
    page.goto(f"{line.address}/sign-in")
    page.get_by_role("button", name=who).click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    return page


def code_and_page() -> tuple[str, str]:
    contact = Contact.objects.order_by("-number")[0]
    return contact.code, f"/contacts/{contact.pk}"


@pytest.mark.parametrize("who", PEOPLE)
def test_each_home_is_accessible_and_fits(context: BrowserContext, line: Hotline, who: str) -> None:
    page = sign_in(context, line, who)
    assert page.url.removeprefix(line.address) in ("/home", "/console")  # no page of settings
    for width, scheme in ((1280, "light"), (390, "dark"), (320, "light")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        for language in ("es", "en"):
            page.goto(f"{line.address}/home?language={language}")
            expect(page.locator(".stats li")).to_have_count(3)
            assert violations(page) == []
            assert not sideways(page)
            assert page.evaluate(ROWS_OF_THE_MENU) == 1
            assert page.locator(".desk-bar").bounding_box()["height"] < 64
    page.locator(".main-nav").evaluate("it => { it.style.gridAutoFlow = 'row' }")
    assert page.evaluate(ROWS_OF_THE_MENU) > 1  # control
    page.close()


def test_a_page_is_found_by_keyboard_on_a_page_without_a_call(context: BrowserContext, line: Hotline) -> None:
    page = sign_in(context, line, "Inés R.")
    page.goto(f"{line.address}/cases")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.type("derivac")
    expect(page.locator("#palette [role=option][aria-selected=true]")).to_contain_text("Derivaciones")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/referrals")
    page.close()


def test_what_the_account_menu_does_is_found_on_every_page(context: BrowserContext, line: Hotline) -> None:
    page = sign_in(context, line, "Inés R.")
    page.goto(f"{line.address}/cases")
    page.keyboard.press("Control+k")
    page.keyboard.type("oscura")
    chosen = page.locator("#palette [role=option][aria-selected=true]")
    expect(chosen).to_contain_text("Oscura")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("Control+k")
    page.keyboard.type("bloquear")
    expect(chosen).to_have_text("Bloquear")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#lock")).to_be_visible()
    page.close()


def test_escape_closes_the_search_where_the_hand_was(context: BrowserContext, line: Hotline) -> None:
    page = sign_in(context, line, "Inés R.")
    page.locator(".profile").focus()
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator(".profile")).to_be_focused()
    page.close()


def test_a_contact_is_found_by_its_number_alone(context: BrowserContext, line: Hotline) -> None:
    line.do(scenes.left_behind)
    page = sign_in(context, line, "Ana F.")
    code, path = line.do(code_and_page)
    page.goto(f"{line.address}/home")
    page.keyboard.press("Control+k")
    page.keyboard.type(code.removeprefix("C-"))
    expect(page.locator("#palette [role=option][aria-selected=true]")).to_contain_text(code)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")
    page.close()


def test_the_theme_changes_at_once_and_stays(context: BrowserContext, line: Hotline) -> None:
    page = sign_in(context, line, "Vera T.")
    page.locator(".profile").click()
    with page.expect_response("**/home?theme=dark"):
        page.get_by_role("link", name="Oscura").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(f"{line.address}/ledger")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.close()

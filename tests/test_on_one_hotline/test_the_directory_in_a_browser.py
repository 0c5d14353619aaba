"""Who takes her, and the service's answer by its link: in Chromium, against the real hotline, in every dress."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import new_session, sideways, signed_in, violations_by_scheme
from tests.cases import contact_of_ana
from tests.hotline import Hotline

FACTS = "invented facts of nobody"
CLIPPED = """[...document.querySelectorAll("main input")].filter((it) => it.checkVisibility()
  && it.scrollWidth > it.clientWidth).map((it) => it.name)"""
RING_ON_TOP = """() => {
  const ring = document.querySelector(".map .here"), { left, width, top } = ring.getBoundingClientRect();
  return document.elementFromPoint(left + width / 2, top) === ring;
}"""


@pytest.fixture(scope="module")
def ana(line: Hotline, browser: Browser) -> BrowserContext:
    """Ana's browser, without a page: an open console would be drawn again at each change of a test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-PE")
    context.set_default_timeout(20_000)
    new_session(context, line, "Ana F.")
    return context


@pytest.fixture(scope="module")
def referral(line: Hotline, ana: BrowserContext) -> tuple[str, str, dict[str, list[str]]]:
    """From a contact to a link: the address of the referral, the link's own, and what is wrong with the page of it."""
    page = ana.new_page()
    page.goto(line.address + line.do(contact_of_ana))
    page.locator("form[action^='/cases/from/'] button").click()
    page.wait_for_url("**/cases/*")
    page.locator(".case-who h1 a").click()
    page.wait_for_url("**/people/*")
    person = page.url
    page.locator("#id_age_at_events").fill("30")
    page.locator("#id_gender").select_option("feminine")
    page.locator("#id_ubigeo_now").fill("Cusco, Cusco, Cusco")
    page.get_by_role("button", name="Guardar", exact=True).click()
    page.wait_for_url("**/cases/*")
    page.goto(f"{person}/consent")
    page.locator("[name=permit][value='service_provider:incident_facts']").check()
    page.locator("[name=purpose]").fill("invented")
    page.locator("[name=purpose]").press("Tab")
    expect(page.locator(".read-aloud")).to_contain_text("invented")
    expect(page.locator(".read-aloud")).to_contain_text("a los servicios que ayudan")
    page.locator("[data-read-all]").click()
    page.locator("#consent-record").click()
    expect(page.get_by_role("button", name="Retirar permiso")).to_be_visible()
    page.goto(f"{person}/services")
    page.locator("input[name=when][value=any]").check()
    page.locator(".search button").click()
    page.get_by_role("button", name="Solicitar atención").first.click()
    page.locator("#id_facts").fill(FACTS)
    page.locator("main form button[data-kind=first]").click()
    page.wait_for_url("**/referrals/*")
    where = page.url
    page.get_by_role("button", name="Crear el enlace").click()
    link = page.locator(".link-whole").inner_text()
    wrong: dict[str, list[str]] = {}
    dresses(page, wrong, "link")
    page.close()
    return where, link, wrong


def dresses(page: Page, wrong: dict[str, list[str]], name: str) -> None:
    """In both schemes; and on a narrow screen nobody scrolls sideways."""
    wrong[name] = violations_by_scheme(page)
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 700})
        wrong[f"{name} at {width}"] = ["sideways"] if sideways(page) else []
    page.set_viewport_size({"width": 1280, "height": 900})


def test_who_takes_her_by_keyboard_alone(line, ana):
    page = ana.new_page()
    page.goto(f"{line.address}/directory")
    page.locator("#id_ubigeo").focus()
    page.keyboard.type("Tambopata, Madre de Dios")
    page.keyboard.press("Tab")
    page.keyboard.type("16")
    page.keyboard.press("Enter")
    expect(page.locator(".service").first).to_be_visible()
    assert "Tambopata" not in page.url
    expect(page.locator(".map .dot").first).to_be_attached()
    page.locator(".map .here").scroll_into_view_if_needed()
    assert page.evaluate(RING_ON_TOP)
    expect(page.locator(".service dd b").first).to_have_text(re.compile("(abierto|cerrado) ahora"))
    page.close()


def test_the_sheet_of_a_service_fits_two_screens_and_clips_nothing(line, browser):
    """Typed hours, the usual languages at once, and numbers in small boxes."""
    page = signed_in(browser, line, "Delia O.", "/entries?show=all")
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Cambiar").click()
    opens = page.locator("#id_hours-0-opens_at")
    expect(opens).to_have_value(re.compile(r"\d\d:\d\d"))
    expect(page.locator("main input:is([type=time], [type=date], [type=datetime-local])")).to_have_count(0)
    assert page.evaluate(CLIPPED) == []
    assert page.locator("[name=languages]:visible").count() < 10
    page.get_by_text("Otros idiomas").click()
    assert page.locator("[name=languages]:visible").count() > 40
    page.get_by_text("Otros idiomas").click()
    expect(page.locator("#id_door-latitude")).to_be_hidden()
    assert page.locator("#id_minimum_age").bounding_box()["width"] < 150
    assert page.evaluate("document.documentElement.scrollHeight") < 2400
    opens.evaluate("it => { it.style.width = '2rem' }")
    assert page.evaluate(CLIPPED) == ["hours-0-opens_at"]  # control
    page.context.close()


def test_the_staffs_pages_are_accessible_and_fit(line, browser, ana, referral):
    wrong = dict(referral[2])
    page = ana.new_page()
    for name, where in {"search": "/directory", "referrals": "/referrals", "reports": "/reports"}.items():
        page.goto(line.address + where)
        dresses(page, wrong, name)
    page.goto(referral[0])
    for details in page.locator("main details").all():
        details.evaluate("it => { it.open = true }")
    dresses(page, wrong, "referral")
    for place in ("Cusco", "Puno", "Tumbes"):  # somebody; stale ones with another; nobody at all
        page.goto(f"{line.address}/directory")
        page.locator("#id_ubigeo").fill(place)
        page.locator("#id_age").fill("30" if place == "Cusco" else "12")
        page.locator(f"input[name=sex][value={'male' if place == 'Tumbes' else 'female'}]").check()
        page.locator("#id_language").select_option("ay" if place == "Tumbes" else "qu")
        page.locator(".search button").click()
        expect(page.locator(".offered")).to_be_visible()
        dresses(page, wrong, place)
    expect(page.locator(".offered")).to_contain_text("no voy a prometer lo que no sé")
    page.close()
    marta = signed_in(browser, line, "Marta Q.", "/units")
    dresses(marta, wrong, "units")
    marta.context.close()
    delia = signed_in(browser, line, "Delia O.", "/entries?show=due")
    for name, where in {
        "entries": "/entries?show=due",
        "all": "/entries?show=all",
        "new": "/entries/organizations/add",
    }.items():
        delia.goto(line.address + where)
        dresses(delia, wrong, name)
    for name, one in {"organization": "td a", "service": "th a"}.items():
        delia.goto(f"{line.address}/entries?show=all")
        with delia.expect_navigation():
            delia.locator(f"tbody {one}").first.click()
        dresses(delia, wrong, name)
    with delia.expect_navigation():
        delia.get_by_role("link", name="Cambiar").click()
    dresses(delia, wrong, "sheet")
    delia.context.close()
    assert not any(wrong.values()), {name: what for name, what in wrong.items() if what}


def test_the_service_answers_and_its_browser_keeps_nothing(browser, ana, referral):
    where, link, _wrong = referral
    context, wrong = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-PE"), {}
    sent: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: sent.append(request.url))
    page.goto(link)
    expect(page.locator("#secret")).to_have_value(link.partition("#")[2])
    assert "#" not in page.url  # the address no longer has it
    dresses(page, wrong, "before it is opened")
    page.get_by_role("button", name="Abrir").click()
    expect(page.locator("main")).to_contain_text(FACTS)
    dresses(page, wrong, "opened")
    page.locator("input[value=accepted]").check()
    page.locator("#words").fill("invented words")
    page.get_by_role("button", name="Enviar").click()
    expect(page.get_by_role("status")).to_be_visible()
    secret = link.partition("#")[2]
    assert not any(secret in address for address in sent)
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert not any(wrong.values()), wrong
    page.go_back()
    assert FACTS not in page.content()
    shown = ana.new_page()
    shown.goto(where)
    expect(shown.locator(".timeline")).to_contain_text("invented words")
    context.close()

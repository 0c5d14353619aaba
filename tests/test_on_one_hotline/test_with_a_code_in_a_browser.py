"""A code given at the desk and used on a telephone of nobody: in Chromium, against the real hotline."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from amparo.foundation.access.spoken_codes import new_code
from tests.browser import faults_by_language, faults_in_every_dress, signed_in
from tests.cases import contact_of_ana
from tests.hotline import Hotline
from tests.visits import STORED

WORDS = "invented words of nobody"


@pytest.fixture
def desk(line: Hotline, browser: Browser) -> Iterator[Page]:
    page = signed_in(browser, line, "Ana F.")
    yield page
    page.context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 320, "height": 700}, locale="es-PE").new_page()
    yield page
    page.context.close()


@pytest.fixture
def code(line: Hotline, desk: Page) -> str:
    desk.goto(line.address + line.do(contact_of_ana))
    desk.locator("form[action^='/codes/from/'] button").click()
    return desk.locator(".return-code").inner_text()


def guess(line: Hotline, times: int) -> set[int]:
    """From this machine, without work: where no network is told, all are one."""
    answers, where = set(), urlsplit(line.address)
    for _ in range(times):
        link = HTTPConnection(where.hostname, where.port, timeout=60)
        body = urlencode({"code": new_code(), "do": "tell"})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        link.request("POST", "/again", body, headers)
        answers.add(link.getresponse().status)
        link.close()
    return answers


def come_back(phone: Page, line: Hotline, code: str, language: str = "es") -> None:
    phone.goto(f"{line.address}/again{f'?language={language}' if language != 'es' else ''}")
    phone.locator("#code").fill(code)
    phone.keyboard.press("Enter")
    expect(phone.locator(".promises")).to_be_visible()


def test_she_adds_something_and_the_shift_answers(line, desk, phone, code):
    assert re.fullmatch(r"\d{3}( \d{3}){4}", code)
    come_back(phone, line, code)
    phone.locator("#text").fill(WORDS)
    phone.get_by_role("button", name="Enviar").click()
    expect(phone.get_by_role("status")).to_contain_text("Lo recibimos")
    desk.goto(f"{line.address}/console")
    expect(desk.get_by_role("heading", name="Volvieron con un código")).to_be_visible()
    desk.goto(f"{line.address}/codes")
    row = desk.locator("main .timeline > li", has_text=WORDS)
    row.locator("summary").click()
    row.locator("textarea").fill("invented answer")
    row.get_by_role("button", name="Guardar la respuesta").click()
    come_back(phone, line, code)
    expect(phone.locator(".promises")).to_contain_text("invented answer")
    assert code.replace(" ", "") not in phone.url.replace("%20", "")
    assert not any(phone.evaluate(STORED).values())


def test_leave_now_and_back_show_nothing_of_it(line, phone, code):
    phone.goto("about:blank")
    come_back(phone, line, code)
    phone.locator("a.leave").click()
    phone.wait_for_url("**/cover")
    behind = [phone.url]
    while behind[-1] != "about:blank":
        phone.go_back()
        behind.append(phone.url)
    assert {address.removeprefix(line.address) for address in behind} == {"/cover", "about:blank"}


@pytest.mark.parametrize("language", ["es", "en", "qu"])
def test_her_pages_are_accessible_and_fit(line, phone, code, language):
    phone.goto(f"{line.address}/again?language={language}")
    wrong = faults_by_language(phone, "asking", language)
    phone.locator("#code").fill("123")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("alert")).to_be_visible()
    wrong += faults_by_language(phone, "a slip", language)
    come_back(phone, line, code, language)
    assert wrong + faults_by_language(phone, "what happened", language) == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_desks_pages_are_accessible_and_fit(line, desk, code, language):
    wrong = faults_by_language(desk, "given", language)
    desk.goto(f"{line.address}/codes?language={language}")
    wrong += faults_by_language(desk, "codes", language)
    desk.locator("#id_code").fill(code)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("C-")
    assert wrong + faults_by_language(desk, "told", language) == []


def test_the_codes_of_a_case_are_accessible_and_fit(line, desk, code):
    desk.go_back()
    desk.locator("form[action^='/cases/from/'] button").click()
    desk.wait_for_url("**/cases/*")
    desk.locator("a[href$='/codes']").last.click()
    desk.get_by_role("button", name="Es suyo").click()
    expect(desk.locator("main")).to_contain_text("con él puede conocer")
    assert faults_in_every_dress(desk, "codes of a case") == []


def test_she_gets_in_while_another_guesses(line, phone, code):
    """Last, for it makes work for all who come from this machine."""
    while guess(line, 50) != {429}:  # in each of the processes
        pass
    phone.goto(f"{line.address}/again")
    phone.locator("#code").fill(code)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("alert")).to_contain_text("Presione otra vez")
    assert faults_in_every_dress(phone, "asked for work") == []
    expect(phone.get_by_role("button", name="Ver")).to_be_focused()
    for _ in range(5):  # another process may ask for work of its own
        with phone.expect_navigation(timeout=60_000):
            phone.keyboard.press("Enter")
        if phone.locator(".promises").count():
            break
    expect(phone.locator(".promises")).to_be_visible()
    phone.locator("#text").fill(WORDS)
    phone.get_by_role("button", name="Enviar").click()
    expect(phone.get_by_role("status")).to_contain_text("Lo recibimos")

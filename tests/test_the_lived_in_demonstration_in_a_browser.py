"""The demonstration after its invented months are built, in Chromium: nobody's home or menu leads to empty pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .browser import chromium
from .hotline import Hotline, hotline

ROWS = "tbody tr, li, dl > *, article, svg.chart, form"
MONTHS = "4"  # a whole quarter is among them


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    with hotline() as running:
        built = running.run("demo", "history", "--months", MONTHS, patience=900)
        assert built.returncode == 0, built.stderr
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        expect.set_options(timeout=20_000)
        yield browser


def sign_in(line: Hotline, browser: Browser, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-PE").new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{line.address}/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    page.goto(f"{line.address}/home")
    return page


def test_the_supervisors_home_says_what_waits(line, browser):
    page = sign_in(line, browser, "Marta Q.")
    assert sum(int(it) for it in page.locator(".stats b").all_inner_texts()) > 0
    expect(page.locator(".task-list li").first).to_be_visible()
    expect(page.get_by_text("meses ficticios")).to_have_count(0)  # they are whole


def test_the_publishers_home_shows_published_editions(line, browser):
    page = sign_in(line, browser, "Paula N.")
    published = page.locator(".stats a", has_text="publicadas").locator("b")
    assert int(published.inner_text()) >= 1


def test_nine_in_ten_pages_of_the_menu_have_something_to_look_at(line, browser):
    full, empty = [], []
    for name in ("Marta Q.", "Ana F.", "Inés R.", "Olga P.", "Luz C.", "Paula N.", "Carla D.", "Pilar G.", "Teo V."):
        page = sign_in(line, browser, name)
        links = page.locator(".main-nav a[href], #menu-more a[href]")
        for address in sorted({str(it.get_attribute("href")) for it in links.all()}):
            page.goto(line.address + address)
            main = page.locator("main")
            is_empty = main.locator(".empty").count() and not main.locator("svg[role=img], figure").count()
            is_full = main.locator(ROWS).count() and not is_empty
            (full if is_full else empty).append(f"{name} {address}")
    assert len(full) > 20
    assert len(empty) * 9 <= len(full), empty

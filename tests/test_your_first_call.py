"""README's "Your first call", each step as it is written there."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from .browser import chromium, take_the_call, until
from .hotline import CHECKOUT, Hotline, hotline

SPOKEN = "[...document.querySelectorAll('.level rect')].some((bar) => Number(bar.getAttribute('height')) > 8)"


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    with hotline() as running:
        yield running


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        yield page


def steps() -> list[str]:
    """The numbered steps, without markup."""
    part = (CHECKOUT / "README.md").read_text().partition("**Your first call")[2].partition("**Dial in")[0]
    plain = re.sub(r"</?kbd>|[*`]", "", part)
    return [" ".join(step.split()) for step in re.split(r"^\d\. ", plain, flags=re.MULTILINE)[1:]]


def test_your_first_call(page: Page, line: Hotline) -> None:
    sign_in, let_call, answer, end = steps()

    assert "the address with /console behind it, sign in as Ana with one button, and press Alt A" in sign_in
    page.goto(f"{line.address}/console")
    page.get_by_role("button", name="Ana F.").click()
    expect(page.get_by_role("heading", name="Está fuera de turno")).to_be_visible()
    page.wait_for_load_state()  # with its scripts, which hear the keys
    page.keyboard.press("Alt+a")
    expect(page.get_by_role("heading", name="Está disponible")).to_be_visible()

    assert "Press Iniciar práctica" in let_call
    page.get_by_role("button", name="Iniciar práctica").click()
    expect(page.get_by_role("status").filter(has_text="La llamada está entrando")).to_be_visible(timeout=2_000)
    expect(page.locator(".ring")).to_be_visible(timeout=150_000)  # the whole telephone call is played by this machine

    assert "Answer with Alt A" in answer
    take_the_call(page)
    assert "Type what is told" in answer
    page.keyboard.type("Pregunta por su hermana.", delay=60)  # at once: the voice is only being connected
    expect(page.locator("#id_notes")).to_have_value("Pregunta por su hermana.")
    until(page, SPOKEN)

    assert "End with Alt Z Z (keep Alt down for both)" in end
    page.keyboard.down("Alt")
    page.keyboard.press("z")
    page.keyboard.press("z")
    page.keyboard.up("Alt")
    assert "choose what it was with one key" in end
    page.keyboard.press("4")
    expect(page.locator("#wrap-up [value=information]")).to_be_checked()
    assert "press Alt A: it is saved, and you are ready again" in end
    page.keyboard.press("Alt+a")
    expect(page.get_by_role("heading", name="Está disponible")).to_be_visible()
    assert "under Más, Contactos" in end
    page.get_by_role("button", name="Más").click()
    page.get_by_role("link", name="Contactos").click()
    page.locator("main table a, main li a").first.click()
    expect(page.locator("#id_notes")).to_have_value("Pregunta por su hermana.")

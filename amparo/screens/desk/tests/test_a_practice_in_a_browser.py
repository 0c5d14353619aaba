"""A trainee practises on the real console: the invented person waits in the queue, answers, and is wrapped up."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import sideways, violations
from tests.hotline import Hotline

from . import scenes
from .test_a_night_by_keyboard import a_context, sign_in


@pytest.fixture
def desk(browser: Browser, line: Hotline) -> Iterator[BrowserContext]:
    line.do(scenes.quiet)
    yield from a_context(browser)


def test_from_the_course_to_the_sheet(desk: BrowserContext, line: Hotline) -> None:
    page = sign_in(desk, line)
    page.goto(f"{line.address}/practice")
    assert violations(page) == []
    page.get_by_role("button", name="Practicar Primer chat").click()
    expect(page.locator(".queue")).to_contain_text("Práctica: inventada")
    with desk.expect_page() as opened:
        page.locator("[data-key='chat']").click()
    chat = opened.value
    expect(chat.locator("main")).to_contain_text("la persona que escribe es inventada")
    expect(chat.locator("#thread")).to_contain_text("hola")
    chat.locator("#text").fill("Hola, le leo. ¿Puede escribir con seguridad?")
    chat.locator("#answer button").click()
    expect(chat.locator("#thread")).to_contain_text("estoy en el baño")
    assert violations(chat) == []
    chat.goto(f"{line.address}/practice")
    chat.get_by_role("link", name="Primer chat").click()
    chat.set_viewport_size({"width": 320, "height": 700})
    assert violations(chat) == []
    assert not sideways(chat)
    chat.get_by_role("button", name="Puntuar").click()
    expect(chat.locator("body")).to_contain_text("Primero atienda, termine la conversación")

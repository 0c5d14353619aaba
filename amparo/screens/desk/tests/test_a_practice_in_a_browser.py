"""A trainee practises on the real console: the invented person waits in the queue, answers, and is wrapped up."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import sideways, take_the_call, until, violations
from tests.hotline import Hotline

from . import scenes
from .steps import SOUND, a_context, sign_in


def test_from_the_course_to_the_sheet(desk: BrowserContext, line: Hotline) -> None:
    page = sign_in(desk, line)
    page.goto(f"{line.address}/practice")
    assert violations(page) == []
    page.get_by_role("button", name="Practicar Primer chat").click()
    expect(page.locator(".queue")).to_contain_text("Práctica: inventada")
    page.locator("[data-key='chat']").click()
    chat = page
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
    chat.get_by_role("button", name="Pedir la puntuación").click()
    expect(chat.locator("body")).to_contain_text("Primero atienda, termine la conversación")


@pytest.fixture
def hearing_desk(browser: Browser, line: Hotline) -> Iterator[BrowserContext]:
    line.do(scenes.quiet)
    with a_context(browser, SOUND) as context:
        yield context


def test_an_invented_caller_is_heard_reacts_and_stays_sealed_off(hearing_desk: BrowserContext, line: Hotline) -> None:
    """By real sound: the trainee speaks long, notes one thing, is silent, and ends. The sheet tells the reactions."""
    page = sign_in(hearing_desk, line)
    page.goto(f"{line.address}/practice")
    page.get_by_role("button", name="Practicar «Está detrás de la puerta»").click()
    expect(page.locator(".ring")).to_be_visible(timeout=60_000)
    expect(page.locator(".ring")).to_contain_text("Práctica: inventada")
    take_the_call(page)
    until(page, "heard.loud > 3")
    line.do(scenes.practice_reaches, "slowly")  # the microphone is a steady tone: the trainee never stops
    page.locator("label:has([name='safe_to_talk'][value='no'])").click()
    expect(page.locator("#conversation .saved").first).to_have_attribute("data-state", "saved")
    page.keyboard.press("Alt+s")
    expect(page.locator("[data-key='mute']")).to_have_attribute("aria-pressed", "true")
    line.do(scenes.practice_reaches, "where")
    line.do(scenes.practice_reaches, "there")
    assert violations(page) == []
    page.keyboard.down("Alt")
    page.keyboard.press("z")
    page.keyboard.press("z")
    page.keyboard.up("Alt")
    page.keyboard.press("1")
    expect(page.locator("#wrap-up [value=crisis]")).to_be_checked()
    page.keyboard.press("Alt+a")
    expect(page.get_by_role("heading", name="Está disponible")).to_be_visible()
    page.goto(f"{line.address}/practice")
    page.get_by_role("link", name="«Está detrás de la puerta»").first.click()
    page.get_by_role("button", name="Pedir la puntuación").click()
    for signal in (
        "habla durante tantos segundos",
        "anota esto en la consola",
        "guarda silencio durante tantos segundos",
    ):
        expect(page.locator("#reactions ~ ol")).to_contain_text(signal)
    assert violations(page) == []
    assert line.do(scenes.seen_of_calls) == {"ana": 1, "rufino": 0, "marta": 0}

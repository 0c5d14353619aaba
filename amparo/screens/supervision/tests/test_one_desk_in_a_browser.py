"""A supervisor passes a call and a chat on from one list; the operator reads it at once, and it is stored nowhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from amparo.screens.desk.tests import scenes
from amparo.screens.desk.tests.steps import a_context, dial, sign_in
from tests.browser import sideways, take_the_call, violations
from tests.leaks import found_in

OF_CALL, OF_CHAT = "<b>frase-inventada-9924</b> habla bajo", "frase-inventada-5518 en quechua"


@pytest.fixture
def desk(browser, line) -> Iterator[BrowserContext]:
    line.do(scenes.quiet)
    with a_context(browser) as context:
        yield context


@pytest.fixture
def office(browser) -> Iterator[BrowserContext]:
    with a_context(browser) as context:
        yield context


@pytest.fixture
def phone(browser) -> Iterator[BrowserContext]:
    with a_context(browser) as context:
        yield context


def somebody_writes() -> None:
    scenes.begin_chat()


def pass_on(page: Page, what: str, words: str) -> None:
    """Pass the first of the list on to Ana, by keyboard."""
    row = page.locator(f"tr:has(form[action^='/{what}/'])")
    ana = row.locator("option", has_text="Ana F.").get_attribute("value")
    row.get_by_label("Pasar a").select_option(ana)
    row.get_by_label("Una frase para quien atenderá").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator("table")).to_contain_text("se pasó a Ana F.")


def test_the_list_goes_on_while_a_supervisor_writes(office, line) -> None:
    line.do(scenes.quiet)
    line.do(somebody_writes)
    marta = office.new_page()
    marta.goto(f"{line.address}/sign-in")
    marta.get_by_role("button", name="Marta Q.").click()
    marta.wait_for_load_state()
    marta.goto(f"{line.address}/waiting")
    first = marta.locator("tbody tr").first
    chosen, typed = first.get_by_label("Pasar a"), first.get_by_label("Una frase para quien atenderá")
    chosen.select_option(label=chosen.locator("option").last.inner_text())
    whom = chosen.input_value()
    typed.fill(OF_CHAT)
    for waiting, leave in ((2, False), (3, True)):
        if leave:
            marta.locator("h1").click()
        line.do(somebody_writes)
        expect(marta.locator("tbody tr")).to_have_count(waiting)
        expect(marta.locator("h2").first).to_contain_text(str(waiting))
        expect(typed).to_have_value(OF_CHAT)
        expect(chosen).to_have_value(whom)
        expect(marta.locator("input:focus")).to_have_count(0 if leave else 1)
    assert violations(marta) == []


def test_a_call_and_a_chat_are_passed_on_with_a_word(desk, office, phone, line) -> None:
    ana, marta = sign_in(desk, line), office.new_page()
    marta.goto(f"{line.address}/sign-in")
    marta.get_by_role("button", name="Marta Q.").click()
    marta.wait_for_load_state()
    marta.goto(f"{line.address}/waiting")
    expect(marta.locator("main")).to_contain_text("Sin personas en espera.")
    dial(phone, line)
    expect(marta.locator("table")).to_contain_text("suena para Ana F.")
    for width in (1280, 320):
        marta.set_viewport_size({"width": width, "height": 800})
        assert violations(marta) == []
        assert not sideways(marta)
        assert marta.locator("main [role=region]").evaluate("it => it.scrollWidth <= it.clientWidth"), "all in reach"
    pass_on(marta, "calls", OF_CALL)
    expect(ana.locator(".ring [data-written]")).to_have_text(OF_CALL)
    expect(ana.locator(".queue-row [data-word]")).to_have_text(OF_CALL)
    assert violations(ana) == []
    take_the_call(ana)
    expect(ana.locator(".call-bar [data-written]")).to_have_text(OF_CALL)
    ana.keyboard.press("Alt+z")
    ana.keyboard.press("Alt+z")

    line.do(scenes.quiet)
    line.do(somebody_writes)
    expect(marta.locator("table")).to_contain_text("Escribe desde la página")
    pass_on(marta, "chats", OF_CHAT)
    expect(ana.locator(".queue-row [data-word]")).to_have_text(OF_CHAT)
    ana.locator("button[formaction$='/take']").first.click()
    expect(ana.locator("#thread [data-word]")).to_have_text(OF_CHAT)
    assert violations(ana) == []
    found = found_in([line.home], [OF_CALL, OF_CHAT, "pass_to", "pass_chat_to"])
    assert found.keys() == {"pass_to", "pass_chat_to"}, "the ledger has the act, and no file has the words"

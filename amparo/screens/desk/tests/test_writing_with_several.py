"""One operator writes with several people beside wrap-ups: no words come to the wrong person, and none are lost."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, Route, expect

from amparo.line.chat.models import ChatMessage
from amparo.line.contacts.rules import open_contact, take_chat
from amparo.line.roster.models import Device, Seat
from amparo.line.switchboard.models import State
from tests.browser import signed_in, until, violations
from tests.hotline import Hotline

from . import scenes
from .steps import a_chat_of_ana

TYPED = "words typed for the other person"


def two_chats_of_ana() -> list[str]:
    """In the process of a hotline: the ids of two chats that Ana has taken."""
    first = a_chat_of_ana().removeprefix("/chats/")
    second = scenes.begin_chat()
    take_chat(second, by=scenes.person(), now=timezone.now())
    return [first, str(second.pk)]


def call_ends_and_somebody_writes() -> None:
    scenes.wrap_up()
    scenes.begin_chat()


def answered_by_telephone() -> None:
    """Ana lifts her telephone."""
    Seat.objects.filter(user=scenes.person()).update(device=Device.PHONE)
    now = timezone.now()
    row = scenes.call(state=State.TALKING, operators=[scenes.person().pk], answered_at=now)
    open_contact(row, by=scenes.person(), now=now)
    scenes.tell()


def answers() -> int:
    return ChatMessage.objects.filter(from_bearer=False, automatic=False).count()


@pytest.fixture
def page(line: Hotline, browser: Browser) -> Iterator[Page]:
    line.do(scenes.clear)
    page = signed_in(browser, line, "Ana F.")
    yield page
    page.context.close()


def talk_tab(page: Page, chat: str) -> Locator:
    return page.locator(f".talks a[data-talk='{chat}']")


def kept(page: Page) -> list[str]:
    return list(page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('amparo answer '))"))


def test_an_answer_under_way_stays_with_its_person(page, line):
    first, second = line.do(two_chats_of_ana)
    page.goto(f"{line.address}/console?chat={first}")
    requests: list[Route] = []
    page.route(f"**/chats/{first}/write", lambda route: requests.append(route))
    page.locator("#text").fill("answer to the first")
    page.locator("#answer button").click()
    talk_tab(page, second).click()
    expect(page.locator(f"#thread[data-chat='{second}']")).to_be_visible()
    page.locator("#text").fill(TYPED)
    talk_tab(page, first).click()
    expect(page.locator(f"#thread[data-chat='{first}']")).to_be_visible()
    page.locator("#answer button").click()  # impatient: it is saved once all the same
    for route in requests:
        route.continue_()
    expect(page.locator("#text")).to_have_value("")
    expect(page.locator("#thread")).to_contain_text("answer to the first")
    assert line.do(answers) == 1
    talk_tab(page, second).click()
    expect(page.locator("#text")).to_have_value(TYPED)
    expect(page.locator("#thread")).not_to_contain_text("answer to the first")


def test_what_was_typed_goes_from_the_browser_with_the_conversation(page, line):
    first, second = line.do(two_chats_of_ana)
    page.goto(f"{line.address}/console?chat={second}")
    page.locator("#text").fill(TYPED)
    talk_tab(page, first).click()
    expect(page.locator(f"#thread[data-chat='{first}']")).to_be_visible()
    page.locator("#text").fill(TYPED)
    assert len(kept(page)) == 2
    page.keyboard.press("Alt+z")
    page.keyboard.press("Alt+z")
    expect(page.locator("#wrap-up")).to_be_visible()
    until(page, f"!Object.keys(sessionStorage).some((key) => key.endsWith('{first}'))")
    assert kept(page) == [f"amparo answer {second}"]


def test_a_chat_taken_in_a_wrap_up_is_shown_at_once_and_the_wrap_up_waits_as_it_was(page, line):
    line.do(call_ends_and_somebody_writes)
    page.goto(f"{line.address}/console")
    page.locator("#wrap-up .endings label").nth(1).click()
    chosen = page.locator("#wrap-up .endings input:checked").get_attribute("value")
    page.locator("button[formaction$='/take']").first.click()
    expect(page.locator("#text")).to_be_focused()
    expect(page.locator("#wrap-up")).to_have_count(0)
    assert violations(page) == []
    page.keyboard.type("Sí, aquí ayudamos.")
    talk_tab(page, "").click()
    expect(page.locator("#wrap-up")).to_be_visible()
    expect(page.locator("#wrap-up .endings input:checked")).to_have_value(chosen)
    assert violations(page) == []
    page.locator(".talks a").nth(1).click()
    expect(page.locator("#text")).to_have_value("Sí, aquí ayudamos.")


def test_a_call_answered_by_telephone_hides_who_writes_with_the_operator(page, line):
    first, _ = line.do(two_chats_of_ana)
    page.goto(f"{line.address}/console?chat={first}")
    expect(page.locator("#answer")).to_be_visible()
    line.do(answered_by_telephone)
    expect(page.locator("[data-shows^='call'] #id_notes")).to_be_visible()
    expect(page.locator("#thread")).to_have_count(0)
    page.locator(f"[data-part=queue] a[data-talk='{first}']").click()  # control: it is shown if it is asked for
    expect(page.locator(f"#thread[data-chat='{first}']")).to_be_visible()

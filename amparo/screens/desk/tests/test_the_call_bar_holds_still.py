"""In every state of a call the danger button stays in its place, the bar keeps its height, and the notes theirs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from amparo.line.switchboard.danger import acknowledge_danger, alert_in_call
from amparo.line.switchboard.models import Call, CallEvent, DangerAlert
from tests.browser import sideways
from tests.hotline import Hotline

from . import scenes
from .steps import console

LAPTOP: ViewportSize = {"width": 1366, "height": 768}
SIZES: tuple[ViewportSize, ...] = (
    LAPTOP,
    {"width": 1024, "height": 768},
    {"width": 390, "height": 844},
    {"width": 320, "height": 640},
)
BAR = 69  # pixels
NOTES = 180  # pixels
LONG_LINE = "Afiche «Terminal», turno de noche, sur"
SMALL_LAPTOP: ViewportSize = {"width": 1280, "height": 720}
# Where the columns, the tabs and the buttons of the bar stand.
PLACES = """() => [...document.querySelectorAll(".console > *, .drawers a, .call-bar .button")]
  .filter(it => it.checkVisibility()).map(it => it.getBoundingClientRect()).map(({ x, y, width }) => [x, y, width])"""
ROWS_OF_TABS = """() => new Set([...document.querySelectorAll(".drawers a")].filter(it => it.checkVisibility())
  .map(it => it.getBoundingClientRect().y)).size"""
DANGER = "button[data-key='danger']"
PLACE = """selector => {
  const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
  return [x, y, width, height];
}"""
# How much of the notes is seen: above the bar, and below what stays above them.
SEEN = """it => {
  const { top, bottom } = it.getBoundingClientRect();
  const column = document.querySelector(".middle").getBoundingClientRect();
  return Math.min(bottom, document.querySelector(".call-bar").getBoundingClientRect().top) - Math.max(top, column.top);
}"""


def alert(pk: str) -> DangerAlert:
    """Ana raised the alarm in this call."""
    alert_in_call(Call.objects.get(pk=pk).pk, timezone.now(), scenes.person().pk)
    Call.objects.filter(pk=pk).update(danger=True)
    return DangerAlert.objects.get(call__pk=pk)


def free() -> str:
    return scenes.talking()


def long_name() -> str:
    return scenes.talking(line=LONG_LINE, language="qu")


def listened() -> str:
    return scenes.talking(listeners=[scenes.person("marta").pk])


def whispered() -> str:
    return scenes.talking(whisperers=[scenes.person("marta").pk, scenes.person("nelly").pk])


def danger_sent() -> str:
    pk = scenes.talking()
    alert(pk)
    return pk


def danger_taken() -> str:
    pk = scenes.talking()
    acknowledge_danger(alert(pk), by=scenes.person("marta"), now=timezone.now())
    return pk


def silent_with_keys(**what: Any) -> str:
    pk = scenes.talking(silent=True, **what)
    for n in range(8):
        CallEvent.objects.create(call_id=pk, kind=scenes.Kind.NO if n % 3 else scenes.Kind.YES, at=timezone.now())
    return pk


def three_in_the_call() -> str:
    others = [scenes.person(name).pk for name in ("ana", "rufino", "marta")]
    pk = scenes.talking(line=LONG_LINE, third_party="interpret")
    Call.objects.filter(pk=pk).update(operators=others, state="on_hold")
    return pk


def worst() -> str:
    pk = silent_with_keys(line=LONG_LINE, whisperers=[scenes.person("marta").pk])
    acknowledge_danger(alert(pk), by=scenes.person("marta"), now=timezone.now())
    return pk


STATES = (
    free, long_name, listened, whispered, danger_sent, danger_taken, silent_with_keys, three_in_the_call, worst,
)  # fmt: skip


def show(state: Callable[[], str], page: Page, line: Hotline) -> None:
    line.do(state)
    page.goto(f"{line.address}/console")
    expect(page.locator("#id_notes")).to_be_focused()


def place(page: Page) -> list[float]:
    found: list[float] = page.evaluate(PLACE, DANGER)
    return found


@pytest.fixture
def page(desk: BrowserContext, line: Hotline) -> Page:
    return console(desk, line)


def test_the_danger_button_never_moves(page: Page, line: Hotline) -> None:
    places: dict[int, dict[str, list[float]]] = {size["width"]: {} for size in SIZES}
    for state in STATES:
        show(state, page, line)
        for size in SIZES:
            page.set_viewport_size(size)
            places[size["width"]][state.__name__] = place(page)
            assert not sideways(page), state
    for found in places.values():
        assert found == dict.fromkeys(found, found["free"])
        assert found["free"][0] <= 16, "at the left end"


@pytest.mark.parametrize("state", STATES)
def test_the_bar_is_one_row_and_the_notes_keep_their_height(
    page: Page, line: Hotline, state: Callable[[], str]
) -> None:
    page.set_viewport_size(LAPTOP)
    show(state, page, line)
    bar, notes = page.locator(".call-bar"), page.locator("#id_notes")
    assert bar.evaluate("it => it.offsetHeight") <= BAR
    assert bar.evaluate("it => it.scrollWidth <= it.clientWidth")
    assert notes.evaluate(SEEN) >= NOTES
    page.locator(".middle").evaluate("it => it.scrollTo(0, it.scrollHeight)")
    assert notes.evaluate(SEEN) >= NOTES, "they stay while one reads what is asked next"


def test_danger_folds_the_words_to_say(page: Page, line: Hotline) -> None:
    pk = line.do(free)
    page.goto(f"{line.address}/console")
    words = page.locator(".safety .script").first
    expect(words).to_be_visible()
    line.do(alert, pk)
    line.do(scenes.tell)
    expect(page.locator(".strip")).to_contain_text("La alerta se envió")
    expect(words).to_be_hidden()
    page.locator(".safety summary").first.click()
    line.do(scenes.call)  # the page is drawn anew
    expect(page.locator(".queue-row")).to_have_count(1)
    expect(words).to_be_visible()  # control: who opens them again, reads them


def test_an_open_tab_or_a_held_key_moves_nothing(page: Page, line: Hotline) -> None:
    show(free, page, line)
    for size in (LAPTOP, SMALL_LAPTOP):
        page.set_viewport_size(size)
        page.keyboard.press("Alt+h")
        before, notes = page.evaluate(PLACES), page.locator("#id_notes")
        assert page.evaluate(ROWS_OF_TABS) == 1
        for key in ("Alt+o", "Alt+n", "Alt+d"):
            page.keyboard.press(key)
            assert page.evaluate(PLACES) == before
            assert notes.evaluate(SEEN) >= NOTES
        cap = page.locator("button[data-key='danger'] kbd")
        expect(cap).to_be_hidden()
        page.keyboard.down("Alt")
        expect(cap).to_be_visible()
        assert page.evaluate(PLACES) == before
        page.keyboard.up("Alt")
        expect(cap).to_be_hidden()

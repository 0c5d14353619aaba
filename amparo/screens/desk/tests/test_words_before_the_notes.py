"""The hand writes from the answer on: words typed before the notes open are seen, kept, and moved there in order."""

from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.browser import sideways, take_the_call, violations_by_scheme
from tests.hotline import Hotline

from . import scenes
from .steps import console, cursor, dial, hang_up, sign_in

LONG = "10:00"  # minutes on the page's clock; nobody waits so long, and the words wait longer
BOX = "#kept-words-text"
ANSWER = ".bar [data-key='first'][formaction^='/calls/']"
SCROLLED = "[...document.querySelectorAll('*')].filter((it) => it.scrollTop > 0).length"


def withhold(page: Page) -> list[Route]:
    """The page asks for its call, and gets no answer yet."""
    requests: list[Route] = []
    page.route("**/console/main*", lambda route: requests.append(route))
    return requests


def is_a_press(request: Request) -> bool:
    """Whether somebody asked for it. The page itself says from time to time that it is awake."""
    return request.method == "POST" and not request.url.endswith("/awake")


def let_go(page: Page, requests: list[Route]) -> None:
    page.route("**/console/main*", lambda route: route.continue_())
    for route in requests:
        route.continue_()


def test_they_wait_as_long_as_the_notes_take(desk: BrowserContext, phone: BrowserContext, line: Hotline) -> None:
    ana = sign_in(desk, line)
    caller = dial(phone, line)
    expect(ana.locator(".ring")).to_be_visible()
    ana.clock.install()
    with ana.expect_response("**/calls/*/answer"):
        requests = withhold(ana)
        take_the_call(ana)
        ana.keyboard.type("Dice que la siguen")
    expect(ana.locator(BOX)).to_have_value("Dice que la siguen")  # seen at once
    ana.clock.fast_forward(LONG)
    pressed: list[str] = []
    ana.on("request", lambda request: pressed.append(request.url) if is_a_press(request) else None)
    ana.keyboard.press("Space")
    ana.keyboard.type("y 2 más.")
    ana.keyboard.press("Enter")
    ana.keyboard.type("No suelta el teléfono")
    for _ in range(2):
        ana.keyboard.press("Backspace")
    ana.keyboard.type("no.")
    expect(ana.locator(BOX)).to_be_visible()
    assert pressed == [], "neither a space nor Enter presses anything"
    assert ana.evaluate(SCROLLED) == 0
    assert violations_by_scheme(ana) == []
    let_go(ana, requests)
    expect(ana.locator("#id_notes")).to_be_focused()
    ana.keyboard.type(" Calla.")
    expect(ana.locator("#id_notes")).to_have_value("Dice que la siguen y 2 más.\nNo suelta el teléfono. Calla.")
    expect(ana.locator(BOX)).to_be_hidden()
    expect(ana.locator("#conversation .saved").first).to_have_attribute("data-state", "saved")
    hang_up(caller, ana)


def test_the_box_is_seen_on_a_telephone(desk: BrowserContext, line: Hotline) -> None:
    pk = line.do(scenes.talking)
    page = desk.new_page()
    withhold(page)
    page.route("**/console/catch-up", lambda route: route.abort())
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 700})
        line.do(scenes.close_contact, pk)
        page.goto(f"{line.address}/console")
        page.keyboard.type("Calla")
        expect(page.locator(BOX)).to_have_value("Calla")
        expect(page.locator(BOX)).to_be_in_viewport(ratio=1)
        assert not sideways(page)


def test_a_page_that_is_loaded_anew_in_a_call_goes_on_writing(desk: BrowserContext, line: Hotline) -> None:
    line.do(scenes.talking)
    page = console(desk, line)
    expect(page.locator("#id_notes")).to_be_focused()
    page.keyboard.type("Dice que tie")
    expect(page.locator("#conversation .saved").first).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.locator("#id_notes")).to_be_focused()
    page.keyboard.type("ne 17.")
    expect(page.locator("#id_notes")).to_have_value("Dice que tiene 17.")


def test_words_that_were_not_saved_come_before_those_typed_after_the_reload(
    desk: BrowserContext, line: Hotline
) -> None:
    line.do(scenes.talking)
    page = console(desk, line)
    page.route("**/draft", lambda route: route.abort())
    expect(page.locator("#id_notes")).to_be_focused()
    page.keyboard.type("Uno, ")
    page.reload()
    expect(page.locator("#id_notes")).to_be_focused()
    page.keyboard.type("dos.")
    expect(page.locator("#id_notes")).to_have_value("Uno, dos.")


def test_words_for_a_call_that_is_not_connected_stay_and_go_into_no_other(desk: BrowserContext, line: Hotline) -> None:
    page = console(desk, line)
    answers: list[Route] = []
    page.route("**/calls/*/answer", lambda route: answers.append(route))
    line.do(scenes.ringing)
    with page.expect_request("**/calls/*/answer"):
        take_the_call(page)
        page.keyboard.type("Nadie habla")
    while not answers:
        page.wait_for_timeout(50)
    answers.pop().abort()
    expect(page.locator("#notice")).not_to_be_empty()
    page.keyboard.type(".")
    expect(page.locator(BOX)).to_have_value("Nadie habla.")
    page.keyboard.press("Alt+a")  # the same call again
    expect(page.locator(BOX)).to_have_value("Nadie habla.")
    first = str(page.locator(ANSWER).get_attribute("formaction"))
    line.do(scenes.ring)
    expect(page.locator(ANSWER)).not_to_have_attribute("formaction", first)
    take_the_call(page)
    expect(page.locator(BOX)).to_have_value("")
    page.keyboard.type("Otra")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(BOX)).to_be_hidden()  # put away by keyboard
    assert cursor(page) != "BODY"

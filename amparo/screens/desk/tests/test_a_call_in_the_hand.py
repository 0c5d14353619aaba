"""During a call by browser the operator looks things up, reloads and opens tabs; the caller stays connected."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Locator, Page, Route, expect

from amparo.line.chat.models import Chat
from amparo.line.chat.models import State as ChatState
from amparo.line.switchboard.models import Call, CallEvent
from amparo.line.switchboard.models import State as CallState
from tests.browser import CHROMIUM, chromium, new_session, sideways, take_the_call, until, violations
from tests.hotline import Hotline

from .steps import SOUND, chat_of_ana

LONGEST_GAP = 200  # ms
ATTEMPTS = 3
ROOMS = ("/contacts", "/cases", "/directory", "/codes", "/reports")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser that people have: tabs, history and pages loaded anew are what is tried here."""
    with chromium(CHROMIUM) as running:
        yield running


@pytest.fixture
def ear() -> str:
    """The script that measures gaps in the sound."""
    return SOUND


@pytest.fixture
def caller(desk: BrowserContext, phone: BrowserContext, line: Hotline) -> Page:
    page = desk.new_page()
    first = new_session(desk, line, "Ana F.")
    with page.expect_response("**/live/console*"):
        page.goto(line.address + first)
    caller = phone.new_page()
    caller.goto(f"{line.address}/call")
    caller.locator("[data-do='call']").click()
    expect(caller.locator("#call")).to_have_attribute("data-state", "waiting")
    caller.locator("[data-press='1']").click()
    take_the_call(page)
    expect(page.locator("#conversation")).to_be_visible()
    until(page, "heard.loud > 3")
    until(caller, "heard.loud > 3")
    return caller


@pytest.fixture
def page(desk: BrowserContext, caller: Page) -> Page:
    return desk.pages[0]


def quiet_again(*pages: Page) -> None:
    """Wait until the audio windows that contain the past are over."""
    for each in pages:
        each.wait_for_timeout(900)
        each.evaluate("heard.gap = heard.loud = 0")


def times_on_hold() -> int:
    return CallEvent.objects.filter(call=Call.objects.live().get(), kind=CallEvent.Kind.ON_HOLD).count()


def open_page(body: Locator, address: str) -> None:
    """Click the entry of the bar that leads to this page, behind the button "More" if it stands there."""
    if body.locator(f"#menu-more a[href='{address}']:not(.phone-only)").count():
        body.locator(".main-nav .menu").click()
        body.locator(f"#menu-more a[href='{address}']").click()
    else:
        body.locator(f".main-nav a[href='{address}']").click()


def walk(page: Page, pages: int) -> list[str]:
    """Click from page to page, as for looking things up; return the paths."""
    seen = []
    for at in range(pages):
        inside = page.frame_locator("iframe[name=beside]").locator("body") if at else page.locator("body")
        room = ROOMS[at % len(ROOMS)]
        open_page(inside, room)
        current = f":is(.main-nav, #menu-more) a[href='{room}'][aria-current]:not(.phone-only)"
        expect(page.frame_locator("iframe[name=beside]").locator(current)).to_be_attached()
        until(page, "document.querySelector('iframe[name=beside]').contentDocument.readyState === 'complete'")
        seen.append(room)
    return seen


def no_gap_during(work: Callable[[], None], page: Page, caller: Page) -> None:
    """A gap that the pages make comes each time; one that a busy machine makes does not."""
    for _attempt in range(ATTEMPTS):
        quiet_again(page, caller)
        work()
        assert [each.evaluate("heard.loud") > 3 for each in (page, caller)] == [True, True]
        gaps = [each.evaluate("heard.gap") for each in (page, caller)]
        if max(gaps) <= LONGEST_GAP:
            return
    raise AssertionError(gaps)


def test_ten_pages_are_walked_without_a_gap_in_the_voice(page: Page, caller: Page, line: Hotline) -> None:
    def walk_and_return() -> None:
        assert len(walk(page, 10)) == 10
        expect(page.locator(".call-bar [data-key='end']")).to_be_visible()
        page.keyboard.press("Alt+v")
        expect(page.locator("#conversation")).to_be_visible()

    no_gap_during(walk_and_return, page, caller)
    assert page.evaluate("voices") == 1
    assert line.do(times_on_hold) == 0
    page.keyboard.press("Alt+q")  # the control: a real gap is measured as one
    until(page, f"heard.gap > {LONGEST_GAP}")


def test_the_panel_beside_the_notes_leaves_the_voice_and_the_notes(page: Page, caller: Page, line: Hotline) -> None:
    def open_each_tab() -> None:
        page.locator("#id_notes").fill("")
        page.keyboard.press("Alt+t")
        for key in "idobnf":
            page.keyboard.press(f"Alt+{key}")
            expect(page.locator(".tab-frame[data-ready]").filter(visible=True)).to_have_count(1)
            page.keyboard.type(key)
        expect(page.locator("#id_notes")).to_have_value("idobnf")

    no_gap_during(open_each_tab, page, caller)
    assert page.evaluate("voices") == 1
    assert line.do(times_on_hold) == 0


def test_a_page_loaded_anew_and_an_address_typed_bring_the_voice_back(page: Page, caller: Page, line: Hotline) -> None:
    beside = page.frame_locator("iframe[name=beside]").locator(".main-nav a[href='/cases'][aria-current]")
    on_hold = [line.do(times_on_hold)]
    for _attempt in range(ATTEMPTS):  # a machine that is busy for long puts the caller on hold
        page.reload()
        until(page, "heard.loud > 3")
        page.goto(f"{line.address}/cases")
        expect(beside).to_be_visible()
        until(page, "heard.loud > 3")
        page.reload()
        expect(beside).to_be_visible()
        until(page, "heard.loud > 3")
        until(caller, "heard.loud > 3")
        on_hold.append(line.do(times_on_hold))
        if on_hold[-1] == on_hold[-2]:
            break
    assert on_hold[-1] == on_hold[-2]
    assert caller.locator("#call").get_attribute("data-state") == "talking"


def test_a_second_tab_shows_the_call_and_leaves_the_voice_where_it_is(
    desk: BrowserContext, page: Page, caller: Page, line: Hotline
) -> None:
    def open_tab() -> None:
        for opened in desk.pages[1:]:
            opened.close()
        opened = desk.new_page()
        opened.goto(f"{line.address}/cases")
        expect(opened.locator(".call-bar time[data-since]")).to_be_visible()

    no_gap_during(open_tab, page, caller)
    other = desk.pages[1]
    bar = other.locator(".call-bar")
    for key in ("hold", "danger", "end", "console"):
        expect(bar.locator(f"[data-key='{key}']")).to_be_visible()
    assert other.evaluate("voices") == 0
    assert violations(other) == []
    other.set_viewport_size({"width": 320, "height": 700})
    assert not sideways(other)
    assert line.do(times_on_hold) == 0
    other.keyboard.press("Alt+q")
    expect(bar.locator("[data-key='hold']")).to_have_attribute("aria-pressed", "true")
    other.keyboard.press("Alt+q")
    expect(bar.locator("[data-key='hold']")).to_have_attribute("aria-pressed", "false")
    other.keyboard.press("Alt+z")
    other.keyboard.press("Alt+z")
    expect(bar).to_have_count(0)
    expect(caller.locator("#call")).to_have_attribute("data-state", "ended")
    other.keyboard.press("Alt+z")  # leaves nothing behind
    expect(page.locator("#wrap-up")).to_be_visible()


def test_what_is_half_typed_beside_the_call_stays_when_the_caller_hangs_up(page: Page, caller: Page) -> None:
    open_page(page.locator("body"), "/codes")
    field = page.frame_locator("iframe[name=beside]").locator("main input:not([type=hidden])").first
    field.press_sequentially("AB")
    caller.locator("[data-do='end']").click()
    expect(page.locator("[data-shows^='wrap-up']")).to_be_attached()
    field.press_sequentially("C")
    expect(field).to_have_value("ABC")
    page.keyboard.press("Alt+v")
    expect(page.locator("#wrap-up")).to_be_visible()
    page.keyboard.press("Alt+v")
    expect(field).to_have_value("ABC")


def test_end_wants_a_second_press_by_mouse_too_and_stands_apart_from_danger(page: Page, caller: Page) -> None:
    end, danger = page.locator(".call-bar [data-key='end']"), page.locator(".call-bar [data-key='danger']")
    keys = page.locator(".call-bar .keys .button")
    names = keys.evaluate_all("all => all.map((it) => it.dataset.key)")
    assert abs(names.index("end") - names.index("danger")) > 1
    for width in (1440, 768, 320):
        page.set_viewport_size({"width": width, "height": 800})
        a, b = end.bounding_box(), danger.bounding_box()
        apart = max(
            abs(a["x"] - b["x"]) - min(a["width"], b["width"]), abs(a["y"] - b["y"]) - min(a["height"], b["height"])
        )
        assert apart >= 24, f"{width} pixels wide"
    page.set_viewport_size({"width": 1440, "height": 900})
    again = end.get_by_text("Otra vez para terminar")
    expect(again).not_to_be_visible()
    end.dblclick()  # one gesture, not two
    expect(again).to_be_visible()
    page.wait_for_timeout(600)
    assert caller.locator("#call").get_attribute("data-state") == "talking"
    for _press in range(5):  # the first press holds for 2.5 s, which a loaded machine may need
        end.click()
        if not again.is_visible():
            break
    expect(page.locator("#wrap-up")).to_be_visible()


def test_words_typed_after_a_click_in_the_bar_go_into_the_notes(page: Page, caller: Page) -> None:
    """A space would press the button again, and end the call."""
    keys = page.locator(".call-bar .keys")
    page.keyboard.type("Dice")
    keys.locator("[data-key='danger']").click()
    page.keyboard.type(" que la siguen")
    keys.locator("[data-key='end']").click()
    expect(keys.locator("[data-key='end'][data-armed]")).to_be_visible()
    page.keyboard.type(" y no sabe")
    expect(page.locator("#id_notes")).to_have_value("Dice que la siguen y no sabe")
    expect(page.locator("#conversation")).to_be_visible()
    assert caller.locator("#call").get_attribute("data-state") == "talking"


def test_the_cursor_is_where_the_hand_is(page: Page, caller: Page) -> None:
    """After answering by key, the cursor is in the notes; the fixture touched nothing since."""
    page.keyboard.type("Tiene 17 años. ")
    page.wait_for_timeout(100)
    expect(page.locator("#id_notes")).to_have_value("Tiene 17 años. ")
    page.keyboard.press("Alt+z")
    page.keyboard.press("Alt+z")
    page.keyboard.press("4")  # at once, with the cursor still in the notes
    expect(page.locator("#wrap-up [name=type]:checked")).to_have_count(1)
    until(page, "document.activeElement.matches('#wrap-up .endings input')")  # the cursor is on the choices
    page.keyboard.press("1")
    expect(page.locator("#wrap-up [name=type][value=crisis]")).to_be_checked()
    expect(page.locator("#id_notes")).to_have_value("Tiene 17 años. ")
    page.keyboard.type("Vive")  # letters are no outcomes: they continue the notes
    expect(page.locator("#id_notes")).to_have_value("Tiene 17 años. Vive")


def test_digits_after_the_end_key_stay_in_what_is_being_typed(page: Page, caller: Page) -> None:
    """The server answers the key after they were typed. One digit alone chooses an outcome, as above."""
    requests: list[Route] = []
    page.route("**/calls/*/end", lambda route: requests.append(route))
    page.keyboard.type("Llama del ")
    page.keyboard.press("Alt+z")
    with page.expect_request("**/calls/*/end"):
        page.keyboard.press("Alt+z")
    page.keyboard.type("987 654 y ")
    requests[0].continue_()
    expect(page.locator("#wrap-up")).to_be_visible()
    page.keyboard.type("tiene 15.")
    expect(page.locator("#id_notes")).to_have_value("Llama del 987 654 y tiene 15.")


def test_words_that_are_saved_while_a_part_is_on_its_way_stay(page: Page, caller: Page) -> None:
    saved = page.locator("#conversation .saved").first
    page.keyboard.type("Llama de ")
    expect(saved).to_have_attribute("data-state", "saved")
    parts: list[tuple[Route, APIResponse]] = []
    page.route("**/console/main*", lambda route: route.continue_() if parts else parts.append((route, route.fetch())))
    caller.locator("[data-do='end']").click()
    while not parts:
        page.wait_for_timeout(50)
    page.keyboard.type("Puno")
    expect(saved).to_have_attribute("data-state", "saved")
    [(route, response)] = parts
    route.fulfill(response=response)
    expect(page.locator("#wrap-up")).to_be_visible()
    expect(page.locator("#id_notes")).to_have_value("Llama de Puno")


def test_the_caller_who_hangs_up_does_not_jumble_what_is_being_typed(page: Page, caller: Page) -> None:
    page.keyboard.type("Dice que la llevaron a ")
    caller.locator("[data-do='end']").click()
    for letter in "una casa en la sierra, lejos de todo, y que no sabe":
        page.keyboard.type(letter)
        page.wait_for_timeout(40)
    expect(page.locator("#wrap-up")).to_be_visible()
    page.keyboard.type(" más.")
    expect(page.locator("#id_notes")).to_have_value(
        "Dice que la llevaron a una casa en la sierra, lejos de todo, y que no sabe más."
    )


def test_a_half_typed_place_is_no_error_of_the_notes(page: Page, caller: Page) -> None:
    page.locator("#id_place").press_sequentially("Madre de D")
    page.keyboard.press("Alt+t")
    page.keyboard.type("Es una mina.")
    expect(page.locator("#conversation [data-about=place]")).to_be_visible()  # why the place is not saved
    expect(page.locator("#conversation .saved").first).to_have_attribute("data-state", "saved")
    page.wait_for_timeout(1000)
    expect(page.locator("#conversation .saved").first).to_have_attribute("data-state", "saved")


def newest() -> tuple[str, str]:
    """The states of the newest chat and of the newest call."""
    return Chat.objects.latest("begun_at").state, Call.objects.latest("arrived_at").state


def test_who_writes_meanwhile_is_answered_above_the_notes_of_the_call(page, caller, line) -> None:
    """Not unasked: nobody else's words stand above the notes of a call. What is sent goes to who writes."""
    path = line.do(chat_of_ana)
    row = page.locator(f".queue a[data-talk='{path.split('/')[-1]}']")
    expect(row).to_be_visible()
    assert page.locator("#thread").count() == 0
    page.locator("#id_notes").fill("De quien llama")
    row.click()
    expect(page.locator(".written")).to_contain_text("Otra persona, no quien llama")
    expect(page.locator("#id_notes")).to_have_value("De quien llama")
    page.locator("#text").fill("Para quien escribe")
    page.keyboard.press("Alt+a")
    expect(page.locator("#thread li").last).to_contain_text("Para quien escribe")
    page.get_by_role("link", name="Ocultarla").click()
    expect(page.locator("#thread")).to_have_count(0)
    assert line.do(newest) == (ChatState.TALKING, CallState.TALKING)

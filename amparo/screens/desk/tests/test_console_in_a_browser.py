"""The console as an operator sees it: in Chromium, with the real hotline."""

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from amparo.line.roster.models import Seat
from tests.browser import REFUSE_MICROPHONE, sideways, take_the_call, violations, violations_by_language

from ..keys import KEYS
from . import scenes
from .steps import console, cursor

SCENES = [scene.__name__ for scene in scenes.ALL]
TOO_WIDE = """[...document.querySelectorAll(".bar .button, .ring")].filter((it) => it.scrollWidth > it.clientWidth + 1)
  .map((it) => it.textContent)"""
ABOVE_THE_BAR = """it => it.getBoundingClientRect().top >= 0
  && it.getBoundingClientRect().bottom <= document.querySelector(".call-bar").getBoundingClientRect().top"""
COVERED = """[...document.querySelectorAll("#palette [role=option]")].filter((it) => {
  it.scrollIntoView({ block: "nearest" });
  const { left, right, top, bottom } = it.getBoundingClientRect();
  return [top + 2, bottom - 2].some((y) => !it.contains(document.elementFromPoint((left + right) / 2, y)));
}).map((it) => it.textContent)"""


def since_now() -> None:
    """The bar shows something else."""
    Seat.objects.filter(user=scenes.person()).update(since=timezone.now())
    scenes.tell()


def test_a_button_that_is_drawn_anew_under_the_hand_is_pressed(desk, line):
    page = console(desk, line)
    page.locator(".bar [data-key='rest']").hover()
    page.mouse.down()
    with page.expect_response("**/console/main*") as drawn:
        line.do(since_now)
    drawn.value.finished()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.mouse.up()
    expect(page.locator("[data-shows^='idle break']")).to_be_visible()


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_state_is_accessible(desk, line, language):
    page = console(desk, line)
    wrong = {}
    for scene in SCENES:
        line.do(getattr(scenes, scene))
        page.goto(f"{line.address}/console?language={language}")
        for details in page.locator("details").all():
            details.evaluate("it => { it.open = true }")
        wrong[scene] = violations_by_language(page, language)
    assert wrong == {scene: [] for scene in SCENES}


def test_what_floats_is_accessible(desk, line):
    line.do(scenes.talking)
    page = console(desk, line)
    page.keyboard.press("Control+k")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+r")
    expect(page.locator("#colleagues")).to_be_visible()
    assert violations(page) == []


def test_the_search_lies_above_the_call_bar(desk, line):
    line.do(scenes.talking)
    page = console(desk, line)
    page.set_viewport_size({"width": 1366, "height": 500})
    page.keyboard.press("Control+k")
    page.keyboard.type("a")
    expect(page.locator("#palette [role=option]").nth(12)).to_be_attached()
    assert page.evaluate(COVERED) == []
    page.locator("#palette").evaluate("it => { it.style.translate = '-50% 40vh' }")
    assert page.evaluate(COVERED) != []  # control


def test_on_a_small_laptop_the_notes_and_what_is_asked_next_stand_above_the_call_bar(desk, line):
    line.do(scenes.talking)
    page = console(desk, line)
    page.set_viewport_size({"width": 1366, "height": 768})
    notes, following = page.locator("#id_notes"), page.locator("#id_caller_role")
    assert notes.evaluate(ABOVE_THE_BAR)
    assert not following.evaluate(ABOVE_THE_BAR)  # control: the words to read aloud take their place
    page.locator("[name=limits]").check()
    expect(page.locator(".safety .script").first).to_be_hidden()  # they were read
    assert notes.evaluate(ABOVE_THE_BAR)
    assert following.evaluate(ABOVE_THE_BAR)


def test_what_was_never_saved_has_no_tick(desk, line):
    line.do(scenes.talking)
    page = console(desk, line)
    tick = page.locator("#conversation .saved .icon")
    expect(page.locator("#conversation .saved")).to_be_visible()
    expect(tick).to_be_hidden()
    page.locator("#id_notes").fill("Pregunta por su hermana.")
    expect(tick).to_be_visible()  # control: once it is saved


# In one step, because the queue may be drawn anew at any moment.
PUSHED_OUT = """it => {
  it.style.maxHeight = "none";
  return document.querySelector(".queue [id^=message-]").getBoundingClientRect().top >= innerHeight;
}"""


def crowd() -> None:
    """Forty callers wait, and one who left a number."""
    scenes.surge()
    scenes.message(number="987000222")


def test_in_a_crowd_the_calls_to_return_stay_in_view(desk, line):
    line.do(crowd)
    page = console(desk, line)
    page.set_viewport_size({"width": 1366, "height": 768})
    to_return = page.locator(".queue [id^=message-]")
    expect(to_return).to_be_in_viewport()
    expect(page.locator(".queue-row").nth(29)).not_to_be_in_viewport()
    assert page.locator(".waiting").evaluate(PUSHED_OUT)  # control


def test_nothing_is_wider_than_the_screen(desk, line):
    """320 CSS pixels are also a screen of 1280 at 400 % zoom (WCAG 2.2, 1.4.10)."""
    page = console(desk, line)
    wide = []
    for scene in SCENES:
        line.do(getattr(scenes, scene))
        page.goto(f"{line.address}/console")
        for width in (320, 768, 1440, 1920):
            page.set_viewport_size({"width": width, "height": 700})
            if sideways(page):
                wide.append(f"{scene} at {width}")
    assert wide == []


def test_on_a_telephone_the_bar_of_the_wrap_up_leaves_room_for_the_outcomes(desk, line):
    page = console(desk, line)
    page.set_viewport_size({"width": 390, "height": 660})
    line.do(scenes.wrap_up)
    expect(page.locator("#wrap-up")).to_be_visible()
    assert page.locator(".call-bar .bar").bounding_box()["height"] < 660 / 5  # without a notice
    expect(page.locator(".call-bar .bar .button")).to_have_count(3)


def test_a_call_rings_by_itself_and_the_focus_stays(desk, line):
    page = console(desk, line)
    page.locator(".profile").focus()
    before = page.evaluate("document.activeElement.outerHTML")
    line.do(scenes.ringing)
    expect(page.locator(".ring h1")).to_have_text("Runasimi")
    expect(page.locator("#announcement")).to_contain_text("Runasimi")
    assert page.evaluate("document.activeElement.outerHTML") == before
    assert page.locator("dialog[open]").count() == 0
    seconds = page.locator(".ring .seconds time")
    expect(seconds).not_to_have_text(seconds.inner_text())  # and it counts


def without_its_contact() -> None:
    """The switchboard wrote the call too late for the request that answered it."""
    scenes.close_contact(scenes.talking())


def test_the_page_of_a_call_that_was_written_late_opens_by_itself(desk, line):
    page = console(desk, line)
    line.do(without_its_contact)
    expect(page.locator("#id_notes")).to_be_visible()
    expect(page.locator("[data-behind]")).to_have_count(0)


def test_control_without_a_script_it_waits_for_a_press(browser, desk, line):
    line.do(without_its_contact)
    plain = browser.new_context(java_script_enabled=False, storage_state=desk.storage_state())
    page = plain.new_page()
    page.goto(f"{line.address}/console?language=en")
    expect(page.locator("#id_notes")).to_have_count(0)
    page.get_by_role("button", name="Open its page").click()
    expect(page.locator("#id_notes")).to_be_visible()
    plain.close()


def test_the_list_of_keys(desk, line):
    page = console(desk, line)
    page.locator("#main").focus()
    page.keyboard.press("?")
    rows = page.locator("#keys tr")
    expect(rows.first).to_be_visible()
    assert rows.locator("kbd").all_inner_texts() == [key.caps for key in KEYS]
    page.keyboard.press("Escape")
    expect(rows.first).not_to_be_visible()


def test_a_question_mark_in_the_notes_is_a_question_mark(desk, line):
    line.do(scenes.talking)
    page = console(desk, line)
    page.keyboard.press("Alt+t")
    page.keyboard.type("¿Dónde?")
    expect(page.locator("#keys")).not_to_be_visible()
    assert page.locator(".notes textarea").input_value() == "¿Dónde?"


def test_escape_returns_to_the_notes_and_deletes_nothing(desk, line):
    line.do(scenes.talking)
    page = console(desk, line)
    page.keyboard.press("Alt+t")
    page.keyboard.type("Dice que tiene 17.")
    page.keyboard.press("Control+k")
    assert cursor(page) == "palette-words"
    page.keyboard.press("Escape")
    page.locator(".brand").focus()
    page.keyboard.press("Escape")
    assert cursor(page) == "id_notes"
    assert page.locator(".notes textarea").input_value() == "Dice que tiene 17."


def test_enter_never_submits(desk, line):
    line.do(scenes.talking)
    page = console(desk, line)
    page.locator("#id_place").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.url == f"{line.address}/console"
    expect(page.locator("#conversation")).to_be_visible()


def test_the_cursor_stays_on_the_same_reason_while_the_queue_moves(desk, line):
    """All reasons, and *Done*, are buttons of one address: Enter on another one would give up for another reason."""
    line.do(scenes.left_behind)
    page = console(desk, line)
    message = page.locator("[id^=message-]").first
    message.locator("summary").first.click()
    message.get_by_role("button", name="Tomar").click()
    message.get_by_text("Dejar de intentarlo").click()
    reasons = message.locator("[id^=give-up-] button")
    expect(reasons.nth(1)).to_be_visible()
    for button in (reasons.nth(1), message.get_by_role("button", name="Hecho")):
        words = button.inner_text()
        rows = page.locator(".queue-row").count()
        button.focus()
        line.do(scenes.call)
        expect(page.locator(".queue-row")).to_have_count(rows + 1)
        expect(page.locator(".queue :focus")).to_have_text(words)


def test_what_one_writes_stays_while_the_queue_moves(desk, line):
    line.do(scenes.talking)
    page = console(desk, line)
    page.keyboard.press("Alt+t")
    page.keyboard.type("a")
    line.do(scenes.call)
    expect(page.locator(".queue-row")).to_have_count(1)
    page.keyboard.type("b")
    assert page.locator(".notes textarea").input_value() == "ab"


def test_the_search_finds_and_does(desk, line):
    page = console(desk, line)
    page.keyboard.press("Control+k")
    page.locator("#palette-words").fill("zzz")
    expect(page.locator("#palette [role=option]")).to_have_count(0)
    page.locator("#palette-words").fill(page.locator(".bar [data-key='rest'] > span").inner_text())
    expect(page.locator("#palette [role=option]")).to_have_count(1)
    page.evaluate("document.querySelector('.bar').innerHTML += ''")  # the bar is drawn anew meanwhile
    page.keyboard.press("Enter")
    expect(page.locator(".bar [data-key='first']")).to_be_visible()  # on a break: one can be ready again


def test_the_search_finds_what_has_no_key_of_its_own(desk, line):
    page = console(desk, line)
    page.keyboard.press("Control+k")
    page.locator("#palette-words").fill(page.locator("[formaction$='/demo/call'] span").inner_text())
    expect(page.locator("#palette [role=option]")).to_have_count(1)


@pytest.mark.parametrize("width", [320, 360])
def test_no_key_is_wider_than_its_place(desk, line, width):
    page = console(desk, line)
    page.set_viewport_size({"width": width, "height": 700})
    for scene in SCENES:
        line.do(getattr(scenes, scene))
        page.goto(f"{line.address}/console")
        assert page.evaluate(TOO_WIDE) == [], scene


def test_ready_and_break_by_key(desk, line):
    page = console(desk, line)
    page.keyboard.press("Alt+p")
    expect(page.locator("[data-shows^='idle break']")).to_be_visible()
    expect(page.locator(".bar [data-key='first']")).to_be_visible()
    page.keyboard.press("Alt+a")
    expect(page.locator("[data-shows^='idle ready']")).to_be_visible()


def test_what_the_caller_answers_by_keys_is_shown(desk, line):
    line.do(scenes.yes_or_no)
    page = console(desk, line)
    expect(page.locator(".answers .mark")).to_have_count(3)


def test_a_refused_microphone_leaves_the_call_in_the_queue(desk, line):
    desk.add_init_script(REFUSE_MICROPHONE)
    page = console(desk, line)
    line.do(scenes.ringing)
    take_the_call(page)
    expect(page.locator("#notice")).not_to_be_empty()
    assert line.do(state_of_the_ringing_call) == "waiting"


def state_of_the_ringing_call() -> str:
    return scenes.Call.objects.get(ringing_for__username="ana").state


def test_without_network_one_calm_sentence_and_then_the_news(desk, line):
    page = console(desk, line)
    desk.set_offline(True)
    page.keyboard.press("Alt+p")
    expect(page.locator("#notice")).not_to_be_empty()
    desk.set_offline(False)
    page.keyboard.press("Alt+p")
    expect(page.locator("[data-shows^='idle break']")).to_be_visible()
    expect(page.locator("#notice")).to_be_empty()


def test_the_marks_of_the_head_follow_the_call_and_what_one_writes_stays(desk, line):
    pk = line.do(scenes.talking)
    page = console(desk, line)
    page.locator(".notes textarea").fill("Se oyen golpes.")
    marks = page.locator(".conversation-head .mark").filter(visible=True)
    expect(marks).to_have_count(0)
    line.do(scenes.blows, pk)
    expect(marks).to_have_text(["Peligro", "En silencio"])
    assert page.locator(".notes textarea").input_value() == "Se oyen golpes."


def test_the_hours_of_the_card_stand_on_one_line_and_look_locked_until_they_are_not(desk, line):
    line.do(scenes.talking)
    page = console(desk, line)
    page.set_viewport_size({"width": 1280, "height": 800})
    fields = [page.locator(f"#id_safe_{name}") for name in ("number", "from", "to")]
    boxes = [field.bounding_box() for field in fields]
    assert len({(box["y"], box["height"]) for box in boxes}) == 1
    assert {border(field) for field in fields} == {"dashed"}
    page.locator("[name=limits]").check()
    assert {border(field) for field in fields} == {"solid"}  # control: once the limits are explained


def border(field: Locator) -> str:
    return field.evaluate("it => getComputedStyle(it).borderTopStyle")

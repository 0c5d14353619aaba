"""A whole chat: on a telephone of nobody and at the console of an operator, in Chromium, against the real hotline."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from amparo.foundation.core.live import notify
from amparo.line.chat.models import Chat, State
from amparo.line.chat.rules import answer_chat
from amparo.line.contacts.models import Contact

from .browser import REFUSE_MICROPHONE, chromium, faults_in_every_dress, new_session, signed_in, take_the_call, until
from .hotline import Hotline, hotline
from .visits import STORED

SOUND = (Path(__file__).parents[1] / "amparo/screens/desk/tests/sound.js").read_text()
WORDS, ANSWER = "invented words of nobody", "invented answer"


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    with hotline() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        expect.set_options(timeout=20_000)
        yield running


@pytest.fixture(autouse=True)
def nobody_writes(line: Hotline) -> None:
    line.do(end_all)


def end_all() -> None:
    Chat.objects.filter(ended_at=None).update(state=State.ENDED, ended_at=timezone.now())
    notify("chats")


@pytest.fixture
def desk(line: Hotline, browser: Browser) -> Iterator[Page]:
    page = signed_in(browser, line, "Ana F.")
    yield page
    page.context.close()


def telephone(browser: Browser, **more) -> Page:
    return browser.new_context(viewport={"width": 320, "height": 700}, locale="es-PE", **more).new_page()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    page = telephone(browser)
    yield page
    page.context.close()


def begin(phone: Page, line: Hotline, words: str = WORDS) -> str:
    """Write for the first time; the receipt."""
    phone.goto(f"{line.address}/chat")
    phone.locator("#begin textarea").fill(words)
    phone.get_by_role("button", name="Empezar").click()
    expect(phone.locator(".talk li")).to_have_count(1)
    return phone.locator(".receipt").inner_text()


def take(desk: Page) -> Page:
    """By the key, in the console."""
    expect(desk.locator("[data-key='chat']").first).to_be_visible()
    desk.keyboard.press("Alt+e")
    expect(desk.locator("#thread li").first).to_contain_text(WORDS)
    expect(desk.locator("#conversation[data-kept]")).to_be_attached()  # its keys are listened to
    for part in ("#chat-title", "#thread li >> nth=0", "#answer", "#id_notes"):
        expect(desk.locator(part)).to_be_in_viewport()
    expect(desk.locator("#text")).to_be_focused()
    return desk


def say(page: Page, form: str, words: str) -> None:
    page.locator(f"{form} textarea").fill(words)
    page.locator(f"{form} button[data-kind='first']").click()
    expect(page.locator(f"{form} textarea")).to_have_value("")


def end(chat: Page) -> None:
    """By four keys, as after a call: end it, say what it was, and be ready."""
    chat.keyboard.press("Alt+z")
    chat.keyboard.press("Alt+z")
    expect(chat.locator("#wrap-up .endings input").first).to_be_focused()
    chat.keyboard.press("1")
    chat.keyboard.press("Alt+a")
    expect(chat.locator("[data-shows^='idle ready']")).to_be_attached()


def test_a_whole_chat(line, desk, phone):
    requests: list[str] = []
    phone.on("request", lambda request: requests.append(request.url))
    receipt = begin(phone, line)
    chat = take(desk)
    expect(phone.locator(".stands")).to_contain_text("Una persona le atiende")
    say(chat, "#answer", ANSWER)
    expect(phone.locator(".talk li[data-from='line']")).to_contain_text(ANSWER)
    phone.get_by_role("button", name="Ahora no").click()
    expect(chat.locator("#thread li").last).to_contain_text("Ahora no")
    say(phone, "#write", "more")
    expect(chat.locator("#thread li").last).to_contain_text("more")
    expect(chat.locator("#thread .mark").first).to_contain_text("Su página está abierta")
    chat.locator("#text").fill("half typed")
    chat.keyboard.press("Alt+x")
    expect(chat.locator("#thread [data-tone='danger']")).to_contain_text("Peligro")
    expect(chat.locator("#text")).to_have_value("half typed")
    expect(chat.locator("#text")).to_be_focused()
    chat.reload()
    expect(chat.locator("#conversation[data-kept]")).to_be_attached()
    expect(chat.locator("#text")).to_have_value("half typed")
    end(chat)
    assert "half typed" not in chat.evaluate("Object.values(sessionStorage).join()")
    expect(phone.locator(".stands")).to_contain_text("terminó")
    expect(phone.locator("#write textarea")).to_have_count(0)
    assert not any(phone.evaluate(STORED).values())
    assert all(url.startswith(f"{line.address}/") and receipt not in url for url in requests)
    assert phone.url == f"{line.address}/cover"


def test_what_was_closed_comes_back_by_the_receipt_alone_and_shows_nothing_older(line, desk, phone, browser):
    receipt = begin(phone, line)
    chat = take(desk)
    phone.context.close()
    other = telephone(browser)
    other.goto(f"{line.address}/chat")
    assert WORDS not in other.content()
    other.locator("#receipt").fill(receipt)
    other.get_by_role("button", name="Volver a mi chat").click()
    expect(other.locator(".stands")).to_contain_text("Una persona le atiende")
    assert WORDS not in other.content()
    expect(chat.locator("#thread .banner")).to_contain_text("Quizá no esté a solas")
    say(chat, "#answer", ANSWER)
    expect(other.locator(".talk li")).to_have_count(1)
    end(chat)
    other.context.close()


def test_two_pages_of_one_chat_do_not_go_on_beside_each_other(line, phone, browser):
    receipt = begin(phone, line)
    other = telephone(browser)
    other.goto(f"{line.address}/chat")
    other.locator("#receipt").fill(receipt)
    other.get_by_role("button", name="Volver a mi chat").click()
    expect(other.locator("#write textarea")).to_be_visible()
    expect(phone.locator(".refusal")).to_contain_text("siguió en otra página")
    expect(phone.locator("#write textarea")).to_have_count(0)
    other.context.close()


def test_back_and_loading_anew_show_nothing_of_it(line, phone):
    phone.goto("about:blank")
    begin(phone, line)
    phone.wait_for_url(f"{line.address}/cover")  # its script has run; before that, the browser asks to send again
    phone.reload()
    phone.wait_for_url(f"{line.address}/cover", wait_until="load")  # it is on its way there, and the old page is gone
    assert WORDS not in phone.content()
    phone.go_back()
    assert (phone.url, WORDS in phone.content()) == (f"{line.address}/cover", False)


def test_what_was_half_typed_is_forgotten_whoever_ends_the_chat(line, desk, phone):
    begin(phone, line)
    chat = take(desk)
    chat.locator("#text").fill("half typed")
    assert "half typed" in chat.evaluate("Object.values(sessionStorage).join()")
    line.do(end_all)
    expect(chat.locator("#wrap-up")).to_be_visible()  # without loading the page anew
    assert "half typed" not in chat.evaluate("Object.values(sessionStorage).join()")


def test_leave_now_leaves_nothing_behind(line, phone):
    phone.goto("about:blank")
    begin(phone, line)
    phone.locator("a.leave").click()
    expect(phone.locator("h1")).to_have_text("Medidas de cocina")
    behind = [phone.url]
    while behind[-1] != "about:blank":
        phone.go_back()
        behind.append(phone.url)
    assert {address.removeprefix(line.address) for address in behind} == {"/cover", "about:blank"}


@pytest.mark.parametrize("language", ["es", "en", "qu"])
def test_on_the_first_screen_of_a_small_telephone_stand_the_limits_and_the_field(line, browser, language):
    phone = telephone(browser, java_script_enabled=False)
    phone.goto(f"{line.address}/chat?language={language}")
    limits, field = phone.locator(".limits"), phone.locator("#begin textarea")
    expect(limits).to_be_in_viewport(ratio=1)
    expect(field).to_be_in_viewport(ratio=0.3)  # its first line
    assert limits.bounding_box()["y"] < field.bounding_box()["y"]
    assert limits.evaluate("it => parseFloat(getComputedStyle(it).fontSize)") >= 16
    limits.get_by_role("link").click()
    phone.wait_for_url("**/telling*")
    phone.context.close()


def test_without_a_script_it_works_by_forms(line, desk, browser):
    phone = telephone(browser, java_script_enabled=False)
    begin(phone, line)
    chat = take(desk)
    say(chat, "#answer", ANSWER)
    phone.get_by_role("button", name="Ver si hay respuesta").click()
    expect(phone.locator(".talk li[data-from='line']")).to_contain_text(ANSWER)
    phone.locator("#write textarea").fill("more")
    phone.get_by_role("button", name="Enviar").click()
    expect(chat.locator("#thread li").last).to_contain_text("more")
    end(chat)
    phone.context.close()


def test_what_was_written_first_and_comes_second_is_shown(line, desk, phone):
    begin(phone, line)
    chat = take(desk)
    say(phone, "#write", "more")
    line.do(answer_late)
    expect(phone.locator(".talk li")).to_contain_text([WORDS, ANSWER, "more"])
    end(chat)


def answer_late() -> None:
    """As one does whose transaction took longer than hers."""
    chat = Chat.objects.select_related("operator").get(state=State.TALKING)
    at = chat.begun_at + timedelta(microseconds=1)
    answer_chat(chat, ANSWER, pk=uuid.uuid4(), by=chat.operator, now=at)


def test_what_came_though_no_answer_did_is_sent_again_and_kept_once(line, desk, phone):
    begin(phone, line)
    lose_an_answer(phone, "**/chat*")
    phone.locator("#write textarea").fill("more")
    phone.get_by_role("button", name="Enviar").click()
    expect(phone.locator(".refusal")).to_contain_text("No hay red")
    expect(phone.locator(".talk li")).to_have_count(2)  # her page looked meanwhile
    say(phone, "#write", "more")
    say(phone, "#write", "and more")
    expect(phone.locator(".talk li")).to_contain_text([WORDS, "more", "and more"])
    chat = take(desk)
    lose_an_answer(chat, "**/write")
    chat.locator("#answer textarea").fill(ANSWER)
    chat.locator("#answer button").click()
    expect(chat.locator("#thread li")).to_have_count(4)
    say(chat, "#answer", ANSWER)
    say(chat, "#answer", "more")
    expect(chat.locator("#thread li")).to_have_count(5)
    end(chat)


def lose_an_answer(page: Page, address: str) -> None:
    """The server receives the next message there, and the page never learns it. It may look for news meanwhile."""
    lost = []

    def handle(route: Route) -> None:
        if lost or "do=watch" in (route.request.post_data or ""):
            route.continue_()
        else:
            lost.append(route)  # before it is sent: the next message may come while this one is under way
            route.fetch()
            route.abort()

    page.route(address, handle)


@pytest.mark.parametrize(("path", "form"), [("/chat", "#return"), ("/again", "main form")])
def test_a_browser_that_says_only_its_origin_says_ours(line, browser, path, form):
    phone = telephone(browser, java_script_enabled=False)
    phone.goto(f"{line.address}{path}")
    phone.locator(form).locator("input:visible").first.fill("1")
    with phone.expect_request(lambda request: request.method == "POST") as sent:
        phone.locator(form).locator("button").first.click()
    assert sent.value.all_headers()["origin"] == line.address
    phone.context.close()


def test_handed_back_it_waits_again(line, desk, phone):
    begin(phone, line)
    chat = take(desk)
    say(chat, "#answer", ANSWER)
    chat.keyboard.press("Alt+r")
    expect(phone.locator(".stands")).to_contain_text("Espere aquí")
    expect(chat.locator("#text")).to_have_count(0)
    end(take(desk))


def test_both_pages_are_accessible_and_fit(line, desk, phone):
    begin(phone, line, f"{WORDS} {'x' * 300}")
    wrong = faults_in_every_dress(desk, "console")
    chat = take(desk)
    say(chat, "#answer", f"{ANSWER} {'y' * 300}")
    expect(phone.locator(".talk li")).to_have_count(2)
    wrong += faults_in_every_dress(phone, "her page") + faults_in_every_dress(chat, "chat of the desk")
    chat.keyboard.press("Alt+z")
    chat.keyboard.press("Alt+z")
    expect(chat.locator("#wrap-up")).to_be_visible()
    assert wrong + faults_in_every_dress(chat, "its end") == []


def test_by_keyboard_alone(line, desk, phone):
    phone.goto(f"{line.address}/chat")
    phone.locator("#begin textarea").focus()
    phone.keyboard.type(WORDS)
    for _ in range(2):
        phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    expect(phone.locator(".talk li")).to_have_count(1)
    chat = take(desk)
    chat.locator("#answer textarea").focus()
    chat.keyboard.type(ANSWER)
    chat.keyboard.press("Alt+a")
    expect(phone.locator(".talk li[data-from='line']")).to_contain_text(ANSWER)
    end(chat)


def conversations() -> list[tuple[str, bool, bool]]:
    """The contacts of conversations that go on: how each began, and whether it has a call and a chat."""
    opened = Contact.objects.filter(state="open", ended=None).order_by("started")
    return [(each.channel, each.call_id is not None, each.chat_id is not None) for each in opened]


def test_a_chat_goes_on_by_voice_from_its_own_page(line, browser):
    """The visitor presses one button; the call reaches who writes with them, and chat and call are one contact."""
    desk, phone = (
        browser.new_context(viewport=size, locale="es-PE") for size in ({"width": 1280, "height": 900}, None)
    )
    for context in (desk, phone):
        context.add_init_script(SOUND)
    console, visitor = desk.new_page(), phone.new_page()
    visitor.set_viewport_size({"width": 320, "height": 700})
    console.goto(line.address + new_session(desk, line, "Ana F."))
    before = line.do(conversations)
    begin(visitor, line)
    chat = take(console)
    say(chat, "#answer", ANSWER)
    expect(visitor.locator(".talk li[data-from='line']")).to_contain_text(ANSWER)
    visitor.get_by_role("button", name="Llamar desde aquí").click()
    expect(visitor.locator("#call")).to_have_attribute("data-state", "waiting")
    expect(console.locator(".ring")).to_contain_text("Esta persona ya le está escribiendo")
    take_the_call(console)
    expect(console.locator("#conversation")).to_be_visible()
    for page in (console, visitor):
        until(page, "heard.loud > 3")
    expect(visitor.locator("#call")).to_have_attribute("data-state", "talking")
    say(visitor, "#write", "more")  # both go on
    expect(chat.locator("#thread li").last).to_contain_text("more")
    assert line.do(conversations) == [*before, ("chat", True, True)]
    visitor.get_by_role("button", name="Terminar la llamada").click()
    expect(visitor.locator("#call")).to_have_attribute("data-state", "ended")
    expect(console.locator("[data-shows^='writing']")).to_be_attached()
    say(visitor, "#write", "and more")
    expect(chat.locator("#thread li").last).to_contain_text("and more")
    assert not any(visitor.evaluate(STORED).values())
    end(chat)
    expect(visitor.locator("[data-do='call']")).to_be_hidden()
    for context in (desk, phone):
        context.close()


def test_where_the_browser_gives_no_microphone_the_chat_goes_on(line, desk, browser):
    phone = telephone(browser)
    phone.add_init_script(REFUSE_MICROPHONE)
    begin(phone, line)
    chat = take(desk)
    phone.get_by_role("button", name="Llamar desde aquí").click()
    expect(phone.locator("#call")).to_have_attribute("data-state", "deaf")
    expect(phone.locator(".state > :visible")).to_have_count(1)
    expect(phone.locator(".state > :visible")).to_contain_text("Siga escribiendo aquí")
    say(phone, "#write", "more")
    expect(chat.locator("#thread li").last).to_contain_text("more")
    end(chat)
    phone.context.close()


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("state", ["idle", "connecting", "talking", "ended", "deaf"])
def test_each_state_of_a_call_beside_a_chat_is_accessible_and_fits(line, phone, language, state):
    phone.goto(f"{line.address}/chat?language={language}")
    phone.locator("#begin textarea").fill(WORDS)
    phone.locator("#begin .number-to-call, #begin button[type=submit]").first.click()
    expect(phone.locator(".talk li")).to_have_count(1)
    expect(phone.locator("[data-do='call']")).to_be_enabled()  # its script has run, and changes no state any more
    phone.locator("#call").evaluate("(it, state) => { it.dataset.state = state }", state)
    assert faults_in_every_dress(phone, state) == []
    assert phone.locator(".state > :visible").count() == (state != "idle")

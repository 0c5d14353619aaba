"""The whole sign-in as people meet it: a real hotline without demonstration, Chromium, and a passkey of its own."""

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from amparo.foundation.access.tests.entering import code_of

from . import newcomers
from .browser import chromium, faults_in_every_dress, sideways, until, violations_by_language, violations_by_scheme
from .hotline import Hotline, hotline

WORDS = "siete palabras que nadie junta nunca"
QUARTER = 15 * 60 * 1000 + 10_000  # ms, a little over
TAB = "() => [document.activeElement.tagName, document.activeElement.textContent.trim()].join(' ')"


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    with hotline(AMPARO_DEMO="0") as running:
        yield running


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    context = chrome.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def device(page: Page, verifies: bool = True) -> str:
    """A finger on the browser's own sensor, or one that is not recognised."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verifies, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def code_from(line: Hotline, *arguments: str) -> str:
    output = line.run("staff", "add", *arguments)
    assert output.returncode == 0, output.stderr
    return re.search(r"Code +(\S+)", output.stdout)[1]


def enter(page: Page, line: Hotline, username: str, code: str) -> None:
    page.goto(f"{line.address}/sign-in?language=en")
    page.get_by_role("link", name="I have an enrolment code").or_(page.get_by_text("código de inscripción")).click()
    page.locator("#username").fill(username)
    page.locator("#code").fill(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/me")


def register_passkey(page: Page) -> list[str]:
    page.goto(page.url.split("?")[0] + "?language=en")
    page.get_by_label("A name for it").fill("key on my ring")
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/me/codes")
    codes = page.locator(".paper li").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/me/password")  # recovery codes are a second factor, which wants a first one
    for field in page.locator("main input[type=password]").all():
        field.fill(WORDS)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/(home|console)$"))  # nothing more is asked
    return codes


@pytest.fixture
def operator(line: Hotline, page: Page) -> str:
    """Somebody signed in with a passkey; the page is their console."""
    username = line.do(newcomers.newcomer)
    enter(page, line, username, line.do(newcomers.code_for, username))
    device(page)
    register_passkey(page)
    page.goto(f"{line.address}/console?language=en")
    return username


def test_the_first_run_by_keyboard_alone(line, page):
    """From the link that the installation prints, by a passkey and an app, to a sheet of one page that is read back."""
    printed = line.run("staff", "first-link", "adela")
    assert printed.returncode == 0, printed.stderr
    link = re.search(r"/first-link/\S+", printed.stdout)[0]
    device(page)
    page.goto(f"{line.address}{link}?language=en")
    assert faults_in_every_dress(page) == []
    for words in ("Adela B.", "", WORDS, WORDS):  # the user name stands there
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/first-run/line")
    assert faults_in_every_dress(page) == []
    page.keyboard.type("Línea Sol")
    page.keyboard.press("Enter")
    page.wait_for_url("**/first-run/ways")
    press_until(page, "BUTTON Add a passkey")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("One is there, one is missing.")
    press_until(page, "A Register an app")
    page.keyboard.press("Enter")
    page.wait_for_url("**/first-run/ways/app")
    assert faults_in_every_dress(page) == []
    page.keyboard.type(code_of(page.locator(".secret").inner_text()))
    page.keyboard.press("Enter")
    page.wait_for_url("**/first-run/ways")
    assert faults_in_every_dress(page) == []
    press_until(page, "BUTTON Go on: the sheet")
    page.keyboard.press("Enter")
    page.wait_for_url("**/first-run/sheet")
    assert faults_in_every_dress(page) == []
    assert len(PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages) == 1
    codes = page.locator(".run-codes li").all_inner_texts()
    press_until(page, "A It is printed: go on")
    page.keyboard.press("Enter")
    page.wait_for_url("**/first-run/sheet/read-back")
    assert faults_in_every_dress(page) == []
    assert not [code for code in codes if code in page.content()]
    page.keyboard.type(codes[2])
    page.keyboard.press("Tab")
    page.keyboard.type(codes[7])
    page.keyboard.press("Enter")
    page.wait_for_url("**/home")
    assert line.run("staff", "first-link").returncode == 2, "she has entered"


def test_the_first_administrator_comes_in_and_the_next_time_by_the_passkey_alone(line, page):
    enter(page, line, "pilar", code_from(line, "pilar", "--name", "Pilar"))
    page.goto(f"{line.address}/staff")
    page.wait_for_url("**/me")  # not before she has registered
    device(page)
    codes = register_passkey(page)
    assert len(codes) == 10
    page.goto(f"{line.address}/staff?language=en")
    expect(page.get_by_role("heading", name="Who works here")).to_be_visible()
    page.locator(".profile").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.locator("[data-passkey] button").click()
    page.wait_for_url("**/home")


def test_a_device_that_does_not_verify_the_person_is_refused(line, page):
    username = line.do(newcomers.newcomer)
    enter(page, line, username, line.do(newcomers.code_for, username))
    device(page, verifies=False)
    page.goto(f"{line.address}/me?language=en")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("[data-passkey] .says")).to_have_text("No passkey came. Try again, or choose another way.")
    assert line.do(newcomers.authenticators_of, username) == []


def test_the_lock_covers_the_page_and_keeps_what_was_written(line, page, operator):
    contact = line.do(newcomers.conversation_of, operator)
    page.clock.install()
    page.goto(f"{line.address}/contacts/{contact}?language=en")
    page.locator("#id_notes").fill("what she was saying")
    page.clock.run_for(2000)
    page.clock.fast_forward(QUARTER)
    lock = page.locator("#lock")
    expect(lock).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(lock).to_be_visible()
    until(page, "fetch('/console/queue').then((reply) => reply.status === 403)")  # the page is covered first
    lock.get_by_role("button", name="Use a passkey").click()
    expect(lock).to_be_hidden()
    expect(page.locator("#id_notes")).to_have_value("what she was saying")
    assert page.evaluate("fetch('/console/queue').then((reply) => reply.status)") == 200


def administrator(chrome: Browser, line: Hotline, *arguments: str) -> Page:
    """A new administrator, signed in with a passkey, on the page of people."""
    page = chrome.new_context(viewport={"width": 1280, "height": 900}).new_page()
    enter(page, line, arguments[0], code_from(line, *arguments))
    device(page)
    register_passkey(page)
    page.goto(f"{line.address}/staff?language=en")
    return page


def test_who_lost_everything_comes_in_by_two_halves_of_a_code(line, chrome, page, operator):
    """Two administrators of two agencies; the second is asked before everything of the person is gone."""
    ours = administrator(chrome, line, "rosario", "--name", "Rosario")
    theirs = administrator(chrome, line, "tadeo", "--name", "Tadeo", "--agency", "Casa inventada", "--kind", "ngo")
    row = ours.get_by_role("row").filter(has_text=operator)
    row.locator("summary").click()
    row.get_by_role("button", name="Ask for a recovery").click()
    first = ours.locator(".secret").inner_text()
    theirs.reload()
    theirs.get_by_role("button", name="Confirm").click()
    question = theirs.get_by_role("alertdialog")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    assert violations_by_scheme(theirs) == []
    theirs.keyboard.press("Escape")
    assert page.evaluate("fetch('/console/queue').then((reply) => reply.status)") == 200, "nothing has happened"
    theirs.get_by_role("button", name="Confirm").click()
    question.get_by_role("button", name="Confirm").click()
    second = theirs.locator(".secret").inner_text()
    page.goto(f"{line.address}/home")
    page.wait_for_url("**/sign-in**")
    enter(page, line, operator, f"{first} {second}".lower())
    register_passkey(page)
    page.goto(f"{line.address}/console?language=en")
    expect(page).to_have_url(re.compile("/console"))
    ours.context.close()
    theirs.context.close()


def test_who_makes_new_recovery_codes_is_asked_before_the_old_ones_end(line, page, operator):
    page.goto(f"{line.address}/me?language=en")
    new = page.get_by_role("button", name="Make new ones; the old ones end")
    new.click()
    expect(page.get_by_role("alertdialog").get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    assert page.url.endswith("/me?language=en")
    new.click()
    page.get_by_role("alertdialog").get_by_role("button", name="Make new ones").click()
    page.wait_for_url("**/me/codes")
    expect(page.locator(".paper li")).to_have_count(10)


def test_who_is_faster_than_the_page_that_answers_keeps_the_cursor(line, page, operator):
    late = []
    page.goto(f"{line.address}/me?language=en")
    page.route("**/home/shell*.js", lambda route: late.append(route))
    page.get_by_role("button", name="Make new ones; the old ones end").click()
    with page.expect_request("**/home/shell*.js"):
        page.get_by_role("alertdialog").get_by_role("button", name="Make new ones").click(no_wait_after=True)
    page.locator(".brand").focus()
    late[0].continue_()
    page.wait_for_load_state("load")  # its scripts ran
    expect(page.locator(".brand")).to_be_focused()


def test_all_tabs_are_one_desk(line, page, operator):
    other = page.context.new_page()
    other.goto(f"{line.address}/contacts?language=en")
    page.locator(".profile").click()
    page.get_by_role("button", name="Lock").click()
    expect(other.locator("#lock")).to_be_visible()
    page.locator("#lock").get_by_role("button", name="Use a passkey").click()
    expect(other.locator("#lock")).to_be_hidden()


def test_a_call_that_goes_on_keeps_the_desk_awake(line, page, operator):
    page.clock.install()
    page.goto(f"{line.address}/contacts")
    page.evaluate("document.body.dataset.keepsAwake = ''")  # as the console's middle says during a call
    page.clock.run_for(QUARTER)
    expect(page.locator("#lock")).to_be_hidden()
    page.evaluate("delete document.body.dataset.keepsAwake")
    page.clock.fast_forward(QUARTER)
    expect(page.locator("#lock")).to_be_visible()


def test_nothing_below_the_lock_hears_a_key(line, page, operator):
    page.evaluate("window.heard = 0; document.addEventListener('keydown', () => { window.heard += 1 })")
    page.keyboard.press("Alt+a")
    assert page.evaluate("window.heard") > 0  # the control
    page.locator(".profile").click()
    page.get_by_role("button", name="Lock").click()
    expect(page.locator("#lock")).to_be_visible()
    page.evaluate("window.heard = 0")
    page.keyboard.press("Alt+a")
    page.keyboard.press("Alt+z")
    assert page.evaluate("window.heard") == 0


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_is_accessible_and_fits(line, page, language):
    wrong, wide = {}, []
    username = line.do(newcomers.newcomer, "administrator")
    line.do(newcomers.neighbours, username)

    def look(name: str) -> None:
        wrong[name] = violations_by_language(page, language)
        page.set_viewport_size({"width": 320, "height": 700})
        if sideways(page):
            wide.append(name)
        page.set_viewport_size({"width": 1280, "height": 900})

    for path in ("sign-in", "sign-in/code"):
        page.goto(f"{line.address}/{path}?language={language}")
        look(path)
    enter(page, line, username, line.do(newcomers.code_for, username))
    device(page)
    page.goto(f"{line.address}/me/password?language={language}")
    look("password")
    for field in page.locator(".own input[type=password]").all():
        field.fill(WORDS)
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/app")
    look("app")
    page.goto(f"{line.address}/me?language={language}")
    look("me, before")
    page.locator("[data-passkey=create] button").click()
    page.wait_for_url("**/me/codes")
    look("codes")
    for path in ("me", "staff", "prove"):
        page.goto(f"{line.address}/{path}")
        look(path)
    page.goto(f"{line.address}/staff")
    page.locator("#id_username").fill(f"new-{username}")
    page.locator("#id_name").fill("Nueva")
    page.locator("main .own .button").click()
    page.wait_for_url("**/staff/add")
    look("code")
    page.locator(".profile").click()
    page.locator("[data-locks] button").click()
    expect(page.locator("#lock")).to_be_visible()
    look("lock")
    page.goto(f"{line.address}/staff")
    look("locked")
    page.context.clear_cookies()
    page.goto(f"{line.address}/sign-in")
    page.locator("#username").fill(username)
    page.locator("#password").fill(WORDS)
    page.locator("main .own .button").click()
    page.wait_for_url("**/sign-in/second")
    look("second")
    assert wrong == {name: [] for name in wrong}
    assert wide == []


def test_by_keyboard_alone(line, page):
    """From the address to a whole sign-in without a pointer."""
    username = line.do(newcomers.newcomer)
    code = line.do(newcomers.code_for, username)
    device(page)
    page.goto(f"{line.address}/sign-in/code?language=en")
    cursor = page.locator("main input:focus")
    expect(cursor).to_have_count(1)
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/me")
    page.goto(f"{line.address}/me?language=en")
    press_until(page, "BUTTON Add a passkey")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/codes")
    press_until(page, "A I have kept them")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/password")
    expect(cursor).to_have_count(1)
    page.keyboard.type(WORDS)
    press_until(page, "INPUT ")
    page.keyboard.type(WORDS)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console")
    press_until(page, "true", "document.activeElement.matches('.profile')")
    page.keyboard.press("Enter")
    press_until(page, "BUTTON Lock")
    page.keyboard.press("Enter")
    expect(page.locator("#lock")).to_be_visible()
    press_until(page, "BUTTON Use a passkey")
    page.keyboard.press("Enter")
    expect(page.locator("#lock")).to_be_hidden()


def press_until(page: Page, where: str, what: str = TAB) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if str(page.evaluate(what)).lower() == where.lower():
            return
    raise AssertionError(f"Tab never came to {where}")


def test_before_somebody_has_registered_nothing_leads_away_or_is_refused(line, page):
    """No menu of pages that lead back here, and no part that asks the server in vain."""
    username, refused = line.do(newcomers.newcomer), []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 403 else None)
    enter(page, line, username, line.do(newcomers.code_for, username))
    page.wait_for_load_state("networkidle")
    expect(page.locator(".main-nav")).to_have_count(0)
    assert refused == []
    device(page)
    register_passkey(page)
    expect(page.locator(".main-nav")).to_be_visible()  # the control

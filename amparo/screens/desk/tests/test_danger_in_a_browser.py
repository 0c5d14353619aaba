"""A danger alert in a real call sounds in a supervisor's browser, on another page, until she acknowledges it."""

import re
import time
from collections.abc import Callable
from itertools import count

from django.contrib.auth.hashers import make_password
from playwright.sync_api import BrowserContext, Page, Route, expect

from amparo.foundation.access.models import Role, User
from amparo.line.switchboard.models import DangerAlert
from tests.browser import CHROMIUM, QUIET, new_session, sideways, take_the_call, until, violations
from tests.hotline import Hotline

from . import scenes
from .steps import dial, sign_in

# What is played to the loudspeaker goes into an ear beside it, which says how loud it is.
EAR = """
const connect = AudioNode.prototype.connect;
const ears = [];
AudioNode.prototype.connect = function (to, ...more) {
  if (to === this.context.destination) {
    const ear = new AnalyserNode(this.context, { fftSize: 32768 });
    connect.call(this, ear);
    ears.push(ear);
  }
  return connect.call(this, to, ...more);
};
globalThis.loudness = () => Math.max(0, ...ears.map((ear) => {
  const heard = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(heard);
  return Math.max(...heard);
}));
"""
# When the alert came onto the page, by the page's clock: Playwright looks only now and then.
SHOWN = """
new MutationObserver(() => {
  if (document.querySelector(".danger-bar h2")) globalThis.shownAt ??= Date.now();
}).observe(document, { subtree: true, childList: true });
"""
SECOND = "Segunda S."
READ = ".danger-bar button:not([aria-disabled])"  # a new alert takes no press before it can be read
SOUNDS, IS_SILENT = "loudness() > 0.2", "loudness() === 0"


def answered() -> list[str]:
    return [alert.acknowledged_by.username for alert in DangerAlert.objects.exclude(acknowledged_at=None)]


def at(context: BrowserContext, line: Hotline, name: str, path: str) -> Page:
    """Sign in, and open a page that is not the console."""
    context.add_init_script(EAR + SHOWN)
    new_session(context, line, name)
    page = context.new_page()
    with page.expect_response("**/live/pages*"):
        page.goto(f"{line.address}{path}")
    return page


def test_it_sounds_at_the_supervisor_wherever_she_is(desk, office, phone, line, tmp_path) -> None:
    marta = at(office, line, "Marta Q.", "/cases")
    second = office.new_page()
    second.goto(f"{line.address}/directory")
    ana = sign_in(desk, line)
    dial(phone, line)
    take_the_call(ana)
    expect(ana.locator(".notes textarea")).to_be_visible()
    assert marta.evaluate(IS_SILENT)
    before = time.time()
    ana.keyboard.press("Alt+x")
    expect(marta.locator(".danger-bar h2")).to_be_visible()
    print(f"shown after {marta.evaluate('shownAt') / 1000 - before:.2f} s")
    expect(marta.locator(".danger-bar li")).to_contain_text("Ana F.")
    expect(second.locator(".danger-bar h2")).to_be_visible()  # on every page that she has open
    until(marta, SOUNDS)
    assert second.evaluate(IS_SILENT)  # heard from one page only
    expect(ana.locator(".danger-bar")).to_be_empty()
    assert violations(marta) == []
    marta.set_viewport_size({"width": 320, "height": 640})
    assert not sideways(marta)
    expect(marta.locator(READ)).to_be_visible()
    marta.keyboard.press("Alt+g")  # one key
    for page in (marta, second):
        expect(page.locator(".danger-bar")).to_contain_text("usted atiende una alerta de peligro")
        expect(page.locator(".danger-bar [data-key]")).to_have_count(0)
    until(marta, IS_SILENT)
    expect(ana.locator(".strip")).to_contain_text("Marta Q. se encarga")  # who pressed it knows that it was heard
    assert line.do(answered) == ["marta"]
    marta.get_by_role("link", name="Ver las llamadas en curso").click()  # it leads to the call
    expect(marta.locator("main")).to_contain_text("Ana F.")
    for page in (ana, marta):
        page.set_viewport_size({"width": 1280, "height": 800})
        page.get_by_role("link", name="Inicio", exact=True).click(trial=True)  # the alert covers no menu
    end_the_call(ana)
    expect(marta.locator(".danger-bar")).to_be_empty()


def test_a_page_whose_stream_is_refused_leaves_it_to_another(office, line) -> None:
    marta = at(office, line, "Marta Q.", "/cases")
    marta.route("**/live/pages*", lambda route: route.fulfill(status=502))
    with marta.expect_response("**/live/pages*"):
        marta.reload()
    second = office.new_page()
    with second.expect_response("**/live/pages*"):
        second.goto(f"{line.address}/directory")


def end_the_call(page: Page) -> None:
    page.keyboard.down("Alt")
    page.keyboard.press("z")
    page.keyboard.press("z")
    page.keyboard.up("Alt")


def test_the_callers_key_sounds_at_every_supervisor(desk, office, other_office, phone, line) -> None:
    """Nobody has answered the call yet; one supervisor is on the wallboard, the other on her own page."""
    line.do(second_supervisor)
    supervisors = [at(office, line, "Marta Q.", "/wallboard"), at(other_office, line, SECOND, "/home")]
    caller = dial(phone, line)
    assert [page.evaluate("loudness()") for page in supervisors] == [0, 0]
    before = time.time()
    caller.locator("[data-press='9']").click()
    for page in supervisors:
        expect(page.locator(".danger-bar h2")).to_be_visible()
        expect(page.locator(".danger-bar li")).to_contain_text("La persona marcó la tecla de peligro.")
        print(f"shown after {page.evaluate('shownAt') / 1000 - before:.2f} s")
        until(page, SOUNDS)
    expect(supervisors[1].locator(READ)).to_be_visible()
    supervisors[1].keyboard.press("Alt+g")
    for page in supervisors:
        until(page, IS_SILENT)
    assert line.do(answered) == ["second"]


def second_supervisor() -> None:
    """Create an invented supervisor, whom the sign-in page of the demonstration offers."""
    person = {"username": "second", "first_name": SECOND, "password": make_password("demo-second"), "is_invented": True}
    User.objects.create(**person, role=Role.SUPERVISOR, agency=User.objects.get(username="marta").agency)


def test_without_an_answer_everybody_on_shift_is_told(desk, office, phone, line) -> None:
    rufino = at(office, line, "Rufino E.", "/directory")
    ana = sign_in(desk, line)
    dial(phone, line)
    take_the_call(ana)
    expect(ana.locator(".notes textarea")).to_be_visible()
    ana.keyboard.press("Alt+x")
    expect(ana.locator("[data-marks~='danger']")).to_be_visible()
    expect(rufino.locator(".danger-bar")).to_be_empty()
    expect(rufino.locator(".danger-bar h2")).to_be_visible()
    until(rufino, SOUNDS)
    expect(ana.locator(".danger-bar")).to_be_empty()  # she raised it, and waits for a colleague
    expect(rufino.locator(READ)).to_be_visible()
    rufino.get_by_role("button", name="Me encargo").click()
    expect(ana.locator(".strip")).to_contain_text("Rufino E. se encarga")


def test_a_browser_that_allows_no_sound_yet_says_so(browser, line) -> None:
    strict = browser.browser_type.launch(executable_path=CHROMIUM, args=[*QUIET])
    try:
        page = at(strict.new_context(), line, "Marta Q.", "/cases")
        fresh = page.context.new_page()
        fresh.goto(f"{line.address}/cases")
        button = fresh.locator("[data-silent]")
        expect(button).to_be_visible()
        for width in (1280, 1100, 320):
            fresh.set_viewport_size({"width": width, "height": 800})
            assert not sideways(fresh), width
        button.click()
        expect(button).to_be_hidden()
    finally:
        strict.close()


def test_a_locked_desk_says_that_danger_waits(office, desk, line) -> None:
    marta = at(office, line, "Marta Q.", "/cases")
    lock = marta.locator("#lock")
    marta.get_by_role("button", name="Marta Q.").click()
    marta.get_by_role("button", name="Bloquear").click()
    expect(lock).to_be_visible()
    expect(lock.locator("[data-danger-waits]")).to_be_hidden()
    line.do(scenes.mark_danger)
    expect(lock.locator("[data-danger-waits]")).to_be_visible()
    expect(lock.locator("[data-danger-waits]")).to_contain_text("alerta de peligro")
    until(marta, SOUNDS)
    assert violations(marta) == []
    expect(marta.locator(".danger-bar [aria-disabled]")).to_have_count(0)
    marta.keyboard.press("Alt+g")
    marta.evaluate("document.querySelector('.danger-bar button').click()")
    expect(marta.locator(".danger-bar .failed:not([hidden])")).to_have_count(1)  # refused, and it says so
    assert line.do(answered) == []
    marta.reload()
    expect(marta).to_have_url(re.compile("/prove"))
    expect(marta.locator("main [data-danger-waits]")).to_contain_text("alerta de peligro")
    expect(marta.locator(".danger-bar")).to_be_hidden()  # its button would be refused
    assert violations(marta) == []
    marta.get_by_role("button", name="Soy yo").click()
    expect(marta.locator(READ)).to_be_visible()


def test_an_alert_that_was_not_sent_says_so(desk, line) -> None:
    line.do(scenes.talking)
    ana = sign_in(desk, line)
    expect(ana.locator("[data-key='danger']")).to_be_visible()

    def press(then: str, answer: Callable[[Route], None] | None = None, where: str = "#notice") -> None:
        if answer:
            ana.route("**/calls/*/danger", answer)
        ana.keyboard.press("Alt+x")
        expect(ana.locator(where)).to_contain_text(then)
        ana.unroute("**/calls/*/danger")

    # what the server says of everything while the database is away
    kept = "Sin conexión. Siga escribiendo: se guarda aquí y se envía después."
    failed = "La alerta NO se envió. Presione otra vez."
    press(failed, lambda route: route.fulfill(status=503, body=kept))
    expect(ana.locator(".strip")).to_have_count(0)
    press("La alerta se envió.", where=".strip")
    expect(ana.locator("#notice")).to_be_empty()
    press(failed, lambda route: route.abort())


def test_an_older_answer_that_comes_late_hides_no_alert(office, desk, line) -> None:
    marta = at(office, line, "Marta Q.", "/cases")
    late, requests = [], count()

    def delay_the_first(route) -> None:
        if next(requests):
            route.continue_()
        else:
            late.append((route, route.fetch()))

    marta.route("**/danger", delay_the_first)
    marta.evaluate("new BroadcastChannel('amparo-danger').postMessage('')")
    while not late:
        marta.wait_for_timeout(100)
    [(route, response)] = late
    assert response.status == 204  # nothing waited then
    line.do(scenes.mark_danger)
    expect(marta.locator(".danger-bar h2")).to_be_visible()
    route.fulfill(response=response)
    marta.wait_for_timeout(500)
    assert marta.locator(".danger-bar h2").is_visible()


def test_a_press_meant_for_one_alert_does_not_take_the_next(office, desk, line) -> None:
    marta = at(office, line, "Marta Q.", "/cases")
    line.do(scenes.mark_danger)
    button = marta.locator(READ)
    expect(button).to_be_visible()
    marta.evaluate("""new MutationObserver((seen, watch) => {
        if (document.querySelectorAll('.danger-bar [name=alert]').length < 2) return;
        watch.disconnect();
        document.querySelector('.danger-bar button').click();
    }).observe(document, { subtree: true, childList: true })""")
    line.do(scenes.mark_danger)
    expect(marta.locator(".danger-bar li")).to_have_count(2)
    marta.wait_for_timeout(400)
    assert line.do(answered) == []
    button.click()
    expect(marta.locator(".danger-bar h2")).to_have_count(0)
    assert line.do(answered) == ["marta", "marta"]


def test_the_bar_covers_no_menu(office, desk, line) -> None:
    marta = at(office, line, "Marta Q.", "/cases")
    line.do(scenes.mark_danger)
    expect(marta.locator(".danger-bar h2")).to_be_visible()
    for width in (1280, 390):
        marta.set_viewport_size({"width": width, "height": 800})
        marta.get_by_role("link", name="Inicio").click(trial=True)
        assert not sideways(marta)

"""The wallboard in a browser: a call appears without loading the page anew; nothing breaks the rules of access."""

import pytest
from playwright.sync_api import expect

from tests.browser import new_session, sideways, violations
from tests.picture import calling

PATIENCE = 60_000  # ms


@pytest.fixture
def page(line, browser):
    context = browser.new_context(locale="es-PE")
    page = context.new_page()
    new_session(context, line, "Marta Q.")
    yield page
    context.close()


def test_a_call_appears_by_itself(line, page):
    page.goto(f"{line.address}/wallboard")
    waiting = page.locator("a[href='/wallboard/waiting'] b")
    expect(waiting).to_have_text("0", timeout=PATIENCE)  # an earlier call ends
    with calling(line, "condor"):
        expect(waiting).to_have_text("1", timeout=PATIENCE)
        page.goto(f"{line.address}/wallboard/screen")
        expect(page.locator(".wall-numbers b").first).to_have_text("1")


@pytest.mark.parametrize(
    "address",
    ["/wallboard", "/wallboard/screen", "/wallboard/abandoned", "/waiting", "/month", "/roster",
     "/practice/courses/first-call/lesson"],
)  # fmt: skip
@pytest.mark.parametrize("width", [1280, 320])
def test_it_is_for_everybody(line, page, address, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{line.address}{address}")
    assert violations(page) == []
    assert not sideways(page)


def test_a_course_is_changed_by_everybody(line, page):
    """A supervisor takes a shipped course, opens a step with its voice, and saves it. It fits a telephone."""
    page.goto(f"{line.address}/practice")
    page.get_by_role("button", name="Cambiar «Cierran la puerta»").click()
    course = "/courses/locked-workshop"
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for address in ("/practice", course, f"{course}/quiz/0", f"{course}/steps/pay"):
            page.goto(f"{line.address}{address}")
            assert violations(page) == [], address
            assert not sideways(page), address
    expect(page.get_by_text("grabada", exact=True)).to_be_visible()
    page.get_by_label("Si quien practica guarda silencio durante tantos segundos").fill("9")
    page.get_by_role("button", name="Guardar", exact=True).click()
    expect(page.locator("table")).to_contain_text("guarda silencio durante tantos segundos: 9 → there")
    page.goto(f"{line.address}/courses/locked-workshop")
    page.get_by_role("button", name="Volver al curso original").click()
    expect(page.locator("h1")).to_have_text("Práctica")


def test_many_pages_at_once_leave_the_browser_a_connection(line, page):
    """A browser opens six connections to one host. Console, wallboards and pages stay open all night."""
    for address in ["/console", *["/wallboard", "/month", "/alerts"] * 3]:
        page.context.new_page().goto(f"{line.address}{address}")
    page.goto(f"{line.address}/wallboard")
    expect(page.locator("a[href='/wallboard/waiting'] b")).to_have_text("0", timeout=PATIENCE)  # an earlier call ends
    with calling(line, "condor"):
        for each in page.context.pages:
            if each.url.endswith("/wallboard"):
                waiting = each.locator("a[href='/wallboard/waiting'] b")
                expect(waiting).to_have_text("1", timeout=PATIENCE)

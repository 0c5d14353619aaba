"""A closed console ends availability, and so does a new sign-in; the wallboard counts it right."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from amparo.line.roster.models import Seat
from tests.browser import signed_in
from tests.full_session import session_of

from . import scenes
from .steps import console


def away_for(seconds: float) -> None:
    """The last console of Ana closed so long ago."""
    Seat.objects.filter(user__username="ana").update(seen_at=timezone.now() - timedelta(seconds=seconds))


def new_sign_in(name: str) -> str:
    """A session that begins now, unlike those of the other tests."""
    from amparo.foundation.access.models.sessions import SessionStore

    session = SessionStore(session_of(name)[0])
    session["began_at"] += 3600.0
    session.save()
    return session.session_key


def says(page, words: str) -> None:
    expect(page.locator(".conversation h1")).to_have_text(words)


def test_a_closed_console_ends_availability_and_a_reload_does_not(desk, line) -> None:
    line.do(scenes.clear)
    page = console(desk, line)
    heading = page.locator(".conversation h1").inner_text()
    with page.expect_response("**/live/console*"):
        page.reload()
    says(page, heading)
    page.close()
    line.do(away_for, 30)
    page = console(desk, line)
    says(page, heading)
    for _try in range(10):  # a busy server notices some seconds later that the page before has gone
        page.close()
        line.do(away_for, 61)
        page = console(desk, line)
        if page.locator(".conversation h1").inner_text() != heading:
            break
        page.wait_for_timeout(3000)
    expect(page.locator(".conversation h1")).not_to_have_text(heading)
    expect(page.locator(".invite-a-caller")).to_contain_text("Primero")
    page.keyboard.press("Alt+a")
    says(page, heading)


def test_signing_in_starts_off_duty_and_the_wallboard_says_so(desk, browser, line) -> None:
    line.do(scenes.clear)
    page = console(desk, line)
    heading = page.locator(".conversation h1").inner_text()
    wall = signed_in(browser, line, "Marta Q.", "/wallboard")
    row = wall.get_by_role("row", name="Ana F.")
    expect(row).to_contain_text("Disponible")
    page.close()
    desk.clear_cookies()
    desk.add_cookies([{"name": "sessionid", "value": line.do(new_sign_in, "Ana F."), "url": line.address}])
    page = console(desk, line)
    expect(page.locator(".conversation h1")).not_to_have_text(heading)
    expect(row).to_have_count(0)
    page.keyboard.press("Alt+a")
    says(page, heading)
    expect(row).to_contain_text("Disponible")
    wall.context.close()

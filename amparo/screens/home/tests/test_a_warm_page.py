"""A page whose files the browser has asks for itself alone, besides the live stream that it keeps open."""

from urllib.parse import urlsplit

from django.utils import timezone
from playwright.sync_api import Browser, Page, Request

from amparo.care.cases.rules import open_case
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.models import Contact
from amparo.screens.desk.tests import scenes
from tests.browser import new_session
from tests.hotline import Hotline

PAGES = ("/home", "/roster", "/console", "/cases", "/contacts")
TIMES = 5  # what changes while a page loads is fetched again, and rightly; that does not happen each time
NOT_ASKED = ("/static/", "/live/", "/healthz")  # kept by the browser; the stream; the request by which this test waits


def a_contact_and_its_case() -> tuple[str, str]:
    call, now = scenes.wrap_up(), timezone.now()
    ana = scenes.person()
    with acting_as(ana.acting()):
        contact = Contact.objects.get(call=call)
        case = open_case(contact, by=ana, now=now)
    return f"/contacts/{contact.pk}", f"/cases/{case.pk}"


def fetched(page: Page, address: str) -> list[str]:
    """What this page fetches until its stream is open and one request more was answered."""
    paths: list[str] = []

    def note(request: Request) -> None:
        paths.append(urlsplit(request.url).path)

    page.on("request", note)
    with page.expect_response("**/live/*"):
        page.goto(address)
    page.evaluate("fetch('/healthz').then((answer) => answer.text())")
    page.remove_listener("request", note)
    return [path for path in paths if not path.startswith(NOT_ASKED)]


def test_a_warm_page_asks_for_itself_alone(browser: Browser, line: Hotline) -> None:
    page = browser.new_context().new_page()
    new_session(page.context, line, "Ana F.")
    pages = (*PAGES, *line.do(a_contact_and_its_case))
    dear = {path: found for path in pages if (found := fewest(page, line.address, path)) != [path]}
    page.context.close()
    assert dear == {}


def fewest(page: Page, address: str, path: str) -> list[str]:
    for _ in range(TIMES):
        found = fetched(page, address + path)
        if found == [path]:
            break
    return found

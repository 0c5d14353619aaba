"""The demonstration after its invented months are built: nobody's home or menu leads to empty pages, in Chromium, and
no page shows words of the other language.
"""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.vault.models import DataKey

from .browser import PATIENCE, chromium
from .hotline import Hotline, hotline
from .other_language import opened_by_everybody, opened_without_spanish_for

ROWS = "tbody tr, li, dl > *, article, svg.chart, form"
MOST = dict.fromkeys(("/home", "/cases", "/wallboard", "/waiting", "/directory"), 40) | {
    "/console": 90
}  # kB at first sight, without the two fonts
FONTS = 43  # kB, which a browser fetches once for all pages
MOST_TIMES = 4  # that a page fetches one address at first sight, without a note
QUIET = 0.75  # seconds; longer than the wallboard pauses between two fetches


@pytest.fixture(scope="module")
def line() -> Iterator[Hotline]:
    with hotline(months=5) as running:  # a whole quarter is among them
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(autouse=True)
def closes_its_pages(browser: Browser) -> Iterator[None]:
    """A page that stays open follows what happens in all later tests."""
    yield
    for context in browser.contexts:
        context.close()


def records_past_their_retention() -> tuple[int, int]:
    """How many records of the shortest periods wait to be forgotten, and how many were forgotten."""
    past = timezone.now() - timedelta(days=91)
    with acting_as(WORKER):
        keys = DataKey.objects.filter(kind__in=("card", "message"), closed_at__lt=past)
        return keys.filter(forgotten_at=None).count(), keys.exclude(forgotten_at=None).count()


def sign_in(line: Hotline, browser: Browser, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="es-PE").new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{line.address}/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    page.goto(f"{line.address}/home")
    return page


def test_the_supervisors_home_says_what_waits(line, browser):
    page = sign_in(line, browser, "Marta Q.")
    assert sum(int(it) for it in page.locator(".stats b").all_inner_texts()) > 0
    expect(page.locator(".task-list li").first).to_be_visible()
    expect(page.get_by_text("meses ficticios")).to_have_count(0)  # they are whole


class Traffic:
    """What a page fetches over the network."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.addresses: dict[str, str] = {}  # by the ids of requests
        self.unanswered: set[str] = set()  # ids
        self.sizes: dict[str, float] = {}  # kB of each address, when it was fetched first
        self.times = Counter[str]()  # that each address was fetched
        self.notes = 0  # of the live stream; each may make the page fetch a part again
        self.newest = time.monotonic()
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.requestWillBeSent", self._sent)
        for event in ("Network.responseReceived", "Network.loadingFailed"):
            wire.on(event, self._answered)
        wire.on("Network.loadingFinished", self._finished)
        wire.on("Network.eventSourceMessageReceived", self._noted)

    def _sent(self, event: dict[str, Any]) -> None:
        self.addresses[event["requestId"]] = event["request"]["url"]
        self.unanswered.add(event["requestId"])
        self.newest = time.monotonic()

    def _answered(self, event: dict[str, Any]) -> None:
        self.unanswered.discard(event["requestId"])
        self.newest = time.monotonic()

    def _finished(self, event: dict[str, Any]) -> None:
        address, size = self.addresses.get(event["requestId"]), event["encodedDataLength"] / 1000
        if address is None:  # it was sent before
            return
        self.sizes.setdefault(address, size)
        self.times[address] += size > 0  # otherwise the browser has it
        self.newest = time.monotonic()

    def _noted(self, _event: dict[str, Any]) -> None:
        self.notes += 1

    def settle(self) -> None:
        """Wait until everything is answered, the live stream too, and nothing more is fetched for a moment."""
        end = time.monotonic() + PATIENCE
        while self.unanswered or time.monotonic() < self.newest + QUIET:
            assert time.monotonic() < end, [self.addresses[each] for each in self.unanswered]
            self.page.wait_for_timeout(50)

    def too_often(self) -> list[str]:
        return [address for address, times in self.times.items() if times > MOST_TIMES + self.notes]


def test_a_page_is_light_at_first_sight(line, browser):
    state = sign_in(line, browser, "Marta Q.").context.storage_state()
    for path, most in MOST.items():
        page = browser.new_context(locale="es-PE", storage_state=state).new_page()
        traffic = Traffic(page)
        page.goto(line.address + path)
        traffic.settle()
        fonts = sum(size for address, size in traffic.sizes.items() if address.endswith(".woff2"))
        weight = sum(traffic.sizes.values()) - fonts
        most_times = max(traffic.times.values())
        print(f"{path}: {weight:.0f} kB in {len(traffic.sizes)} parts, {most_times} times, {traffic.notes} notes")
        assert len(traffic.sizes) > 10
        assert weight <= most, path
        assert 0 < fonts <= FONTS, path
        assert traffic.too_often() == [], path
        page.context.close()


def test_a_page_that_fetches_one_address_again_and_again_is_found(line, browser):
    """The control."""
    page = sign_in(line, browser, "Marta Q.")
    traffic, address = Traffic(page), f"{line.address}/wallboard"
    page.evaluate("async (it) => { for (let time = 0; time < 12; time++) await (await fetch(it)).text(); }", address)
    traffic.settle()
    assert traffic.too_often() == [address]


def test_what_is_past_its_retention_is_forgotten(line):
    waiting, forgotten = line.do(records_past_their_retention)
    assert waiting == 0
    assert forgotten > 0  # the control


def test_the_publishers_home_shows_published_editions(line, browser):
    page = sign_in(line, browser, "Paula N.")
    published = page.locator(".stats a", has_text="publicada").locator("b")
    assert int(published.inner_text()) >= 1


def test_the_auditor_finds_unusual_access_to_look_at(line, browser):
    page = sign_in(line, browser, "Vera T.")
    page.goto(f"{line.address}/alerts")
    expect(page.locator("main")).to_contain_text("Marta Q.")


def test_campaigns_and_the_plan_wait_on_the_homes_of_who_follows_them(line, browser):
    for name, path in (("Carla D.", "/campaigns"), ("Pilar G.", "/plans/"), ("Rosa H.", "/plans/")):
        page = sign_in(line, browser, name)
        expect(page.locator(".stats a")).to_have_count(3)
        expect(page.locator(".task-list li").first).to_be_visible()
        assert path in str(page.locator("main .page-head .actions a").get_attribute("href"))


def test_the_administrator_finds_the_people(line, browser):
    page = sign_in(line, browser, "Adela B.")
    page.locator("main .page-head .actions a").click()
    expect(page.locator("main")).to_contain_text("Rufino E.")


def test_a_question_mark_opens_the_guide_at_what_the_page_is_about(line, browser):
    page = sign_in(line, browser, "Inés R.")
    guides = {"/home": "case-worker/", "/directory": "case-worker/#services", "/policy": "case-worker/"}
    for address, guide in guides.items():
        page.goto(line.address + address)
        with page.expect_popup() as opened:
            page.keyboard.press("?")
        expect(opened.value).to_have_url(f"{line.address}/help/es/{guide}")
        opened.value.close()


def test_the_tour_of_the_first_day_is_left_with_one_press(line, browser):
    page = sign_in(line, browser, "Paula N.")
    expect(page.get_by_text("Su primer día, en cinco pasos")).to_be_visible()
    page.locator(".tour").evaluate("tour => { tour.open = true; }")
    expect(page.locator(".tour li")).to_have_count(5)
    page.get_by_role("button", name="No volver a mostrar").click()
    expect(page.locator(".tour")).to_have_count(0)


def test_nine_in_ten_pages_of_the_menu_have_something_to_look_at(line, browser):
    full, empty = [], []
    for name in ("Marta Q.", "Ana F.", "Inés R.", "Olga P.", "Luz C.", "Paula N.", "Carla D.", "Pilar G.", "Teo V."):
        page = sign_in(line, browser, name)
        links = page.locator(".main-nav a[href], #menu-more a[href]")
        for address in sorted({str(it.get_attribute("href")) for it in links.all()}):
            page.goto(line.address + address)
            main = page.locator("main")
            is_empty = main.locator(".empty").count() and not main.locator("svg[role=img], figure").count()
            is_full = main.locator(ROWS).count() and not is_empty
            (full if is_full else empty).append(f"{name} {address}")
    assert len(full) > 20
    assert len(empty) * 9 <= len(full), empty


@pytest.mark.timeout(600)
def test_no_page_shows_words_of_the_other_language(line):
    seen, forms, wrong = line.do(opened_by_everybody)
    print({who: len(routes) for who, routes in seen.items()}, f"{forms} forms answered")
    assert wrong == []
    assert forms > 100
    assert len(set().union(*seen.values())) > 110
    assert min(map(len, seen.values())) > 5


def test_a_page_that_lacks_its_spanish_is_found(line):
    """The control."""
    wrong = line.do(opened_without_spanish_for, "How it is now", "adela")
    assert wrong == ["adela es /installation: How it is now"]


def test_a_refusal_that_lacks_its_spanish_is_found(line):
    """The control for forms sent blank."""
    wrong = line.do(opened_without_spanish_for, "This field is required.", "adela")
    assert wrong
    assert all(": This field is required." in it for it in wrong)


def test_a_department_opens_its_districts_by_keyboard_and_on_paper(line, browser):
    carla = sign_in(line, browser, "Carla D.")
    carla.goto(f"{line.address}/campaigns/1")
    silent = carla.get_by_role("region", name="Desde dónde se comunicaron y dónde hubo silencio")
    expect(silent).to_contain_text("Ate, Lima, Lima")
    carla.get_by_role("table").get_by_role("link", name="Lima", exact=True).focus()
    carla.keyboard.press("Enter")
    carla.wait_for_url("**/districts/15")
    expect(carla.get_by_role("row", name="1. Ate")).to_contain_text("sí, y en silencio")
    expect(carla.get_by_role("img", name="Mapa de los distritos")).to_be_visible()
    carla.get_by_role("navigation", name="Provincias").get_by_role("link", name="Lima", exact=True).focus()
    carla.keyboard.press("Enter")
    carla.wait_for_url("**/districts/1501")
    expect(carla.locator(".pin[data-silent] text").first).to_have_text("1")
    carla.emulate_media(media="print")
    for part in (carla.get_by_role("img", name="Mapa de los distritos"), carla.get_by_role("row", name="1. Ate")):
        expect(part).to_be_visible()

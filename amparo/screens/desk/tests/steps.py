"""What tests do in the browsers of a call: sign in, dial, listen, and work in the panel beside the notes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from amparo.line.chat.models import Chat, State
from amparo.line.contacts.rules import take_chat
from tests.browser import new_session, sideways
from tests.hotline import Hotline

from . import scenes

LOUD = "[...document.querySelectorAll('.level rect')].some((bar) => Number(bar.getAttribute('height')) > 8)"
COUNT_VOICES = """
  window.voices = 0;
  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain { constructor(...all) { super(...all); window.voices += 1; } };
"""
SOUND = (Path(__file__).parent / "sound.js").read_text()
TONES = (Path(__file__).parent / "tones.js").read_text()
KEYS_OF_TABS = {
    "i": "screening", "d": "directory", "o": "consent", "b": "bed", "n": "report", "f": "case", "l": "articles",
}  # fmt: skip


@contextmanager
def a_context(browser: Browser, ear: str = COUNT_VOICES) -> Iterator[BrowserContext]:
    """A browser of one person, with this script in each page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    context.add_init_script(ear)
    yield context
    context.close()


def sign_in(context: BrowserContext, line: Hotline, name: str = "Ana F.") -> Page:
    page = context.new_page()
    first = new_session(context, line, name)
    with page.expect_response("**/live/console*"):
        page.goto(line.address + first)
    return page


def console(desk: BrowserContext, line: Hotline, width: int = 1440) -> Page:
    """The console of who is signed in, once it listens."""
    page = desk.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    with page.expect_response("**/live/console*"):
        page.goto(f"{line.address}/console")
    return page


def dial(context: BrowserContext, line: Hotline) -> Page:
    """Somebody calls from the page and chooses Spanish, which ends the opening words."""
    page = context.new_page()
    page.goto(f"{line.address}/call")
    page.locator("[data-do='call']").click()
    expect(page.locator("#call")).to_have_attribute("data-state", "waiting")
    page.locator("[data-press='1']").click()
    return page


def hang_up(caller: Page, operator: Page) -> None:
    """End the call. A closed page alone is noticed after half a minute; until then the next test's call is refused."""
    caller.locator("[data-do='end']").click()
    expect(operator.locator("#wrap-up")).to_be_visible()


def tone(context: BrowserContext, hz: int) -> None:
    """The microphone is a tone of this frequency, and `hears(hz)` says whether another's arrives."""
    context.add_init_script(f"window.ownTone = {hz};\n" + TONES)


def cursor(page: Page) -> str:
    return page.evaluate("document.activeElement.id || document.activeElement.name || document.activeElement.tagName")


def tab(page: Page, name: str) -> FrameLocator:
    return page.frame_locator(f"iframe[name='panel-{name}']")


def into(page: Page, key: str, name: str) -> FrameLocator:
    """Show a tab and move the cursor into it: its key twice."""
    page.keyboard.press(key)
    expect(page.locator(f"iframe[name='panel-{name}'][data-ready]")).to_be_visible()
    page.keyboard.press(key)
    assert cursor(page) == f"panel-{name}"
    return tab(page, name)


def open_case(page: Page) -> FrameLocator:
    """Follow the contact as a case, in the tab of the screening. The cursor is in the field of the age."""
    screening = into(page, "Alt+i", "screening")
    page.keyboard.press("Enter")
    expect(screening.locator("#id_age_at_events")).to_be_focused()
    return screening


def is_too_wide(page: Page, name: str) -> bool:
    """Whether the page, or the tab in its panel, scrolls sideways."""
    inside = f"frames['panel-{name}'].document.documentElement"
    return sideways(page) or bool(page.evaluate(f"{inside}.scrollWidth > {inside}.clientWidth"))


def a_chat_of_ana() -> str:
    """In the process of a hotline: the address of a chat that Ana has taken. Nobody calls."""
    scenes.clear()
    return chat_of_ana()


def chat_of_ana() -> str:
    """In the process of a hotline: the address of the one chat, which Ana has taken."""
    now = timezone.now()
    Chat.objects.filter(ended_at=None).update(state=State.ENDED, ended_at=now)
    chat = scenes.begin_chat()
    take_chat(chat, by=scenes.person(), now=now)
    return f"/chats/{chat.pk}"

"""From the start of a call to a signed screening, a consent, a service asked and a bed held: by keyboard alone.

The same work is played twice: in the panel beside the notes, and on the pages of their own. The presses are counted.
Letters of free text are the same both times, and are no presses.
"""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, ElementHandle, FrameLocator, Page, expect

from tests.browser import take_the_call, violations
from tests.hotline import Hotline

from . import scenes
from .steps import dial, sign_in

AT_MOST = 0.6  # of the presses that the pages of their own need
NO_WAY = 200  # presses; to a group of choices Shift Tab leads from behind
DRAWN = (
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"  # the cursor is placed by then
)
FACTS = "Mujer adulta, necesita alojamiento y orientación legal."


class Keyboard:
    """A keyboard that counts its presses. A chord is one press."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def go_to(self, place: str) -> None:
        """Move the focus to this element by Tab or Shift Tab, whichever is shorter, from where the page placed it."""
        self.page.wait_for_load_state()
        self.page.evaluate(DRAWN)
        start = self.page.locator("main :focus").element_handle() if self.page.locator("main :focus").count() else None
        forward = self._walk("Tab", place, NO_WAY)
        self._return_to(start)
        backward = self._walk("Shift+Tab", place, forward - 1)
        if backward == forward:  # it is not shorter
            self._return_to(start)
            self._walk("Tab", place, forward)
        self.presses += backward
        expect(self.page.locator(place).first).to_be_focused()

    def _walk(self, key: str, place: str, most: int) -> int:
        """Press the key at most `most` times, until the cursor is there. Return the presses; `most + 1`: not there."""
        for number in range(most + 1):
            if self._is_at(place):
                return number
            self.page.keyboard.press(key)
        return most + 1

    def _return_to(self, start: ElementHandle | None) -> None:
        """Place the cursor as the page did. If the page placed it nowhere, load the page again."""
        if start:
            start.focus()
        else:
            self.page.reload()
            self.page.evaluate(DRAWN)

    def _is_at(self, place: str) -> bool:
        return bool(self.page.locator(place).first.evaluate("it => it === document.activeElement"))


def screen(keys: Keyboard, where: Page | FrameLocator) -> None:
    """Answer what the screening asks, and sign it. The cursor is in the field of the age."""
    expect(where.locator("#id_age_at_events")).to_be_focused()
    keys.press("2", "6", "Enter")
    for answered in (1, 2, 3):  # the age, and two signs
        expect(where.locator(".answered-questions li")).to_have_count(answered)
        expect(where.locator("#question")).to_be_focused()
        keys.press("1")
    expect(where.locator(".answered-questions li")).to_have_count(4)
    keys.press("f", "Enter")
    expect(where.locator(".signed li[data-kind]")).to_have_count(1)


def agree(keys: Keyboard, where: Page | FrameLocator) -> None:
    """Protection tonight; the sentences are read once they say so."""
    keys.press("1")
    expect(where.locator(".read-aloud")).to_contain_text("protección y un lugar donde dormir")
    keys.press("l", "Enter", "r", "Enter")
    expect(where.locator("section[aria-labelledby=agreed] form")).not_to_have_count(0)


def ask_a_service(keys: Keyboard, where: Page | FrameLocator) -> None:
    """The first that is found."""
    expect(where.locator("#found")).to_be_visible()
    keys.press("1", "Enter")
    expect(where.locator("#id_facts")).to_be_visible()


def hold_a_bed(keys: Keyboard, where: Page | FrameLocator, to_the_house: Callable[[], None]) -> None:
    """Her gender is asked first, because houses do."""
    keys.press("Space", "Enter")
    expect(where.locator("[name=gender]")).to_have_count(0)
    to_the_house()
    keys.press("Enter")
    expect(where.locator("main")).to_contain_text("reserva hasta")


def in_the_panel(page: Page) -> int:
    keys = Keyboard(page)
    keys.write("Quiere irse hoy.")

    def into(key: str, name: str) -> FrameLocator:
        """Press the tab's key twice. What follows is pressed at once, before the page is there."""
        keys.press(key, key)
        return page.frame_locator(f"iframe[name='panel-{name}']")

    screening = into("Alt+i", "screening")
    keys.press("Enter")  # follow it as a case
    screen(keys, screening)
    agree(keys, into("Alt+o", "consent"))
    directory = into("Alt+d", "directory")
    expect(directory.locator("#id_ubigeo")).to_be_focused()
    keys.press("Enter")  # search
    ask_a_service(keys, directory)
    expect(directory.locator("#id_facts")).to_be_focused()
    keys.write(FACTS)
    keys.press("Control+Enter")
    expect(directory.locator("main")).to_contain_text(FACTS)
    hold_a_bed(keys, into("Alt+b", "bed"), lambda: None)
    keys.press("Escape")
    keys.write(" Tiene cama.")
    expect(page.locator("#id_notes")).to_have_value("Quiere irse hoy. Tiene cama.")
    assert page.url.endswith("/console")
    return keys.presses


def on_the_pages_of_their_own(page: Page, contact: str) -> int:
    """The shortest way by keyboard. The page of the contact is open already, for nothing."""
    keys = Keyboard(page)
    page.goto(contact)

    def go_on(place: str) -> None:
        keys.go_to(place)
        with page.expect_navigation():
            keys.press("Enter")

    to_the_case = ".page-head h1 a[href^='/cases/'], .page-head p a[href^='/cases/']"
    go_on("main form[action^='/cases/from/'] button")
    go_on("main a[href$='/screening']")
    screen(keys, page)
    go_on(to_the_case)
    go_on("main a[href$='/consent']")
    agree(keys, page)
    go_on(to_the_case)
    go_on("main a[href$='/services']")
    go_on("form.search button")
    ask_a_service(keys, page)
    keys.go_to("#id_facts")
    keys.write(FACTS)
    keys.press("Control+Enter")
    expect(page.locator("main")).to_contain_text(FACTS)
    go_on(to_the_case)
    go_on("main a[href^='/beds/for/']")
    keys.go_to("[name=gender]")
    hold_a_bed(keys, page, lambda: keys.go_to("form[action='/beds/hold'] button"))
    return keys.presses


def contact_to_follow() -> str:
    scenes.wrap_up()
    return f"/contacts/{scenes.Contact.objects.get().pk}"


def test_the_whole_conversation_is_in_the_console(desk: BrowserContext, phone: BrowserContext, line: Hotline) -> None:
    page = sign_in(desk, line)
    caller = dial(phone, line)
    take_the_call(page)
    expect(page.locator("#id_notes")).to_be_focused()
    expect(page.locator("[data-tabs]")).to_be_visible()
    inside = in_the_panel(page)
    expect(caller.locator("#call")).to_have_attribute("data-state", "talking")
    for key, name in (("i", "screening"), ("o", "consent"), ("d", "directory"), ("b", "bed")):
        page.keyboard.press(f"Alt+{key}")
        expect(page.locator(f"iframe[name='panel-{name}']")).to_be_visible()
        frame = page.frame(f"panel-{name}")
        assert frame is not None
        assert (violations(page), violations(frame)) == ([], []), name
    page.close()
    own = on_the_pages_of_their_own(desk.new_page(), f"{line.address}{line.do(contact_to_follow)}")
    print(f"{inside} presses in the panel, {own} on the pages of their own")
    assert inside <= AT_MOST * own

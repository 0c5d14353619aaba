"""One call from the public page to the closed contact, by keyboard alone, with sound in both directions."""

from playwright.sync_api import BrowserContext, expect

from amparo.line.contacts.models import Contact
from tests.browser import take_the_call, until
from tests.hotline import Hotline

from .steps import LOUD, dial, sign_in


def test_a_night_by_keyboard(desk: BrowserContext, phone: BrowserContext, line: Hotline) -> None:
    page = sign_in(desk, line)
    caller = dial(phone, line)

    take_the_call(page)
    expect(page.locator("#conversation")).to_be_visible()
    until(page, LOUD)  # the caller's beeps are heard
    until(caller, "document.querySelector('audio').srcObject?.active")

    page.keyboard.press("Alt+t")
    page.keyboard.type("Llama desde la página.")
    hold, mute = page.locator("[data-key='hold']"), page.locator("[data-key='mute']")
    for key, button in (("Alt+q", hold), ("Alt+s", mute)):
        page.keyboard.press(key)
        expect(button).to_have_attribute("aria-pressed", "true")
        page.keyboard.press(key)
        expect(button).to_have_attribute("aria-pressed", "false")

    page.keyboard.press("Alt+0")
    expect(page.locator(".answers")).to_be_visible()
    caller.locator("[data-press='1']").click()
    caller.locator("[data-press='2']").click()
    expect(page.locator(".answers .mark")).to_have_count(2)
    page.keyboard.press("Alt+x")
    expect(page.locator(".bar [data-key='danger']")).to_contain_text("Alertar otra vez")

    other = desk.new_page()  # a second tab shows the same, and does not talk
    other.goto(f"{line.address}/console")
    expect(other.locator("#conversation")).to_be_visible()
    other.wait_for_timeout(1500)
    assert other.evaluate("window.voices") == 0
    other.close()

    page.reload()  # the voice comes back by itself, and so do the notes
    expect(page.locator(".notes textarea")).to_have_value("Llama desde la página.")
    until(page, LOUD)
    assert caller.locator("#call").get_attribute("data-state") in ("waiting", "talking", "on_hold")

    page.keyboard.press("Alt+z")
    expect(page.locator("[data-armed]")).to_be_visible()  # once is not enough
    page.keyboard.press("Alt+z")
    expect(page.locator("#wrap-up")).to_be_visible()
    expect(caller.locator("#call")).to_have_attribute("data-state", "ended")

    page.keyboard.press("Alt+a")
    expect(page.locator("#notice")).not_to_be_empty()  # what it was is still missing
    page.locator("#main").focus()
    page.keyboard.press("4")
    page.keyboard.press("Alt+a")
    expect(page.locator("[data-shows^='idle ready']")).to_be_visible()
    assert line.do(last_contact) == ("wrapped", "information", "Llama desde la página.")


def last_contact() -> tuple[str, str, str]:
    contact = Contact.objects.order_by("-number")[0]
    return contact.state, contact.type, contact.notes


def test_of_two_tabs_the_other_takes_over_when_the_talking_one_is_closed(
    desk: BrowserContext, phone: BrowserContext, line: Hotline
) -> None:
    page = sign_in(desk, line)
    other = desk.new_page()
    other.goto(f"{line.address}/console")
    caller = dial(phone, line)
    page.bring_to_front()
    take_the_call(page)
    until(page, LOUD)
    page.close()
    other.bring_to_front()  # the level is drawn only where it is seen
    until(other, LOUD)
    caller.locator("[data-do='end']").click()
    expect(other.locator("#wrap-up")).to_be_visible()

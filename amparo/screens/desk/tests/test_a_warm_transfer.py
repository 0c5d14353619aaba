"""A call goes from one operator to another in two browsers: three together, then the first leaves."""

from playwright.sync_api import BrowserContext, expect

from tests.browser import take_the_call, until
from tests.hotline import Hotline

from .steps import LOUD, dial, sign_in


def test_three_talk_and_the_first_leaves(
    desk: BrowserContext, office: BrowserContext, phone: BrowserContext, line: Hotline
) -> None:
    rufino, ana = sign_in(office, line, "Rufino E."), sign_in(desk, line)
    caller = dial(phone, line)
    take_the_call(ana)
    until(ana, LOUD)
    expect(ana.locator(".notes textarea")).to_be_visible()
    ana.keyboard.press("Alt+t")
    ana.keyboard.type("Habla bajo.")
    expect(ana.locator("#conversation .saved")).to_have_attribute("data-state", "saved")

    ana.keyboard.press("Alt+r")
    ana.locator("#colleagues button", has_text="Rufino E.").click()
    expect(rufino.locator(".ring")).to_contain_text("Ana F.")
    take_the_call(rufino)
    until(rufino, LOUD)
    expect(rufino.locator(".notes textarea")).to_have_value("Habla bajo.")  # nobody has to tell it again
    expect(ana.locator("[data-key='pass'][formaction$='/leave']")).to_be_visible()  # he is in, no longer only asked

    ana.keyboard.press("Alt+r")  # leave it to them
    expect(ana.locator("[data-shows^='idle']")).to_be_visible()  # the contact goes on with who talks
    until(rufino, LOUD)
    expect(rufino.locator("#conversation")).to_be_visible()
    expect(caller.locator("#call")).to_have_attribute("data-state", "talking")
    caller.locator("[data-do='end']").click()
    expect(rufino.locator("#wrap-up")).to_be_visible()
    ana.keyboard.press("Alt+a")
    expect(ana.locator("[data-shows^='idle ready']")).to_be_visible()

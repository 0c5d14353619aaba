"""A call goes from one operator to another in two browsers: three together, then the first leaves."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import take_the_call, until
from tests.hotline import Hotline

from . import scenes
from .test_a_night_by_keyboard import LOUD, a_context, dial, sign_in


@pytest.fixture
def desk(browser: Browser, line: Hotline) -> Iterator[BrowserContext]:
    line.do(scenes.quiet)
    yield from a_context(browser)


@pytest.fixture
def other_desk(browser: Browser) -> Iterator[BrowserContext]:
    yield from a_context(browser)


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    yield from a_context(browser)


def test_three_talk_and_the_first_leaves(
    desk: BrowserContext, other_desk: BrowserContext, phone: BrowserContext, line: Hotline
) -> None:
    rufino, ana = sign_in(other_desk, line, "Rufino E."), sign_in(desk, line)
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

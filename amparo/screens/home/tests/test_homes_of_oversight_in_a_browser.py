"""The homes of an administrator and an auditor, and the auditor's day, in Chromium: small, wide, light and dark."""

from playwright.sync_api import Browser, expect

from tests.browser import faults_in_every_dress, signed_in
from tests.hotline import Hotline


def test_an_administrator_sees_how_each_part_is(browser: Browser, line: Hotline) -> None:
    page = signed_in(browser, line, "Adela B.", "/home?language=en")
    state = page.locator(".aside-block", has=page.get_by_role("heading", name="How it is"))
    expect(state.get_by_text("Switchboard")).to_be_visible()
    expect(state.locator("[data-tone=danger]")).to_have_count(0)
    assert faults_in_every_dress(page) == []
    page.context.close()


def test_an_auditor_sees_the_seal_and_a_day_that_fits_a_telephone(browser: Browser, line: Hotline) -> None:
    page = signed_in(browser, line, "Vera T.", "/home?language=en")
    expect(page.get_by_text("Sealed in time")).to_be_visible()
    page.get_by_role("button", name="Do not show this again").click()  # it is written into the log
    assert faults_in_every_dress(page) == []
    page.goto(f"{line.address}/ledger")
    chart = page.locator(".hours .chart")
    expect(chart).to_be_visible()
    assert page.locator(".hours").evaluate("it => it.scrollWidth <= it.clientWidth")
    assert chart.locator(".bar").last.evaluate("it => it.getBoundingClientRect().right <= innerWidth")
    assert faults_in_every_dress(page) == []
    page.context.close()

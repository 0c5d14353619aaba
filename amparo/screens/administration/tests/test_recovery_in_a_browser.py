"""In the demonstration, administrators of two agencies can confirm the recovery of an account."""

from playwright.sync_api import Browser, Page, expect

from tests.browser import violations
from tests.hotline import Hotline


def people_page(browser: Browser, line: Hotline, administrator: str) -> Page:
    page = browser.new_context(locale="es-PE").new_page()
    page.goto(f"{line.address}/sign-in")
    page.get_by_role("button", name=administrator).click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    page.goto(f"{line.address}/staff")
    return page


def test_what_one_administrator_asks_the_other_can_confirm(browser: Browser, line: Hotline) -> None:
    adela = people_page(browser, line, "Adela B.")
    expect(adela.locator("section", has=adela.locator("#others"))).to_contain_text("Iris M.")
    adela.get_by_role("button", name="Pedir recuperación Bruno S.").click()
    expect(adela.locator(".secret")).to_be_visible()
    iris = people_page(browser, line, "Iris M.")
    waiting = iris.locator("section", has=iris.locator("#recoveries"))
    expect(waiting.get_by_role("button", name="Confirmar para Bruno S.")).to_be_visible()
    assert violations(iris) == []
    waiting.get_by_role("button", name="Detener Bruno S.").click()
    expect(iris.locator("#recoveries")).to_have_count(0)

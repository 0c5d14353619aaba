"""In the demonstration, administrators of two agencies can confirm the recovery of an account."""

from playwright.sync_api import Browser, expect

from tests.browser import signed_in, violations
from tests.hotline import Hotline


def test_what_one_administrator_asks_the_other_can_confirm(browser: Browser, line: Hotline) -> None:
    adela = signed_in(browser, line, "Adela B.", "/staff")
    expect(adela.locator("section", has=adela.locator("#others"))).to_contain_text("Iris M.")
    adela.get_by_role("row", name="Bruno S.").locator("summary").click()
    adela.get_by_role("button", name="Pedir recuperación Bruno S.").click()
    expect(adela.locator(".secret")).to_be_visible()
    iris = signed_in(browser, line, "Iris M.", "/staff")
    waiting = iris.locator("section", has=iris.locator("#recoveries"))
    expect(waiting.get_by_role("button", name="Confirmar para Bruno S.")).to_be_visible()
    assert violations(iris) == []
    waiting.get_by_role("button", name="Anular (Bruno S.)").click()
    expect(iris.locator("#recoveries")).to_have_count(0)

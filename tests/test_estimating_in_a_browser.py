"""A publisher estimates hidden people and compares numbers of others; in Chromium, in every dress."""

import pytest
from playwright.sync_api import expect

from .test_figures_in_a_browser import browser, dresses, line, sign_in

__all__ = ["browser", "line"]  # fixtures

A_MINUTE_OR_TWO = 240_000  # the first estimate of a machine compiles


@pytest.mark.timeout(600)  # the program that estimates is compiled first
def test_lists_become_an_estimate_that_shows_its_doubts(line, browser):
    page = sign_in(line, browser, "Paula N.")
    page.goto(f"{line.address}/estimates")
    assert dresses(page) == []
    page.get_by_label("Título").fill("Reino Unido 2013")
    page.get_by_label("conjunto de datos público").select_option("UKdat_4")
    page.get_by_label("Remuestreos").select_option("1000")
    page.get_by_role("button", name="Estimar").click()
    page.wait_for_url("**/estimates/*")
    expect(interval := page.locator(".interval")).to_have_count(0)
    for _ in range(A_MINUTE_OR_TWO // 2000):
        if interval.count():
            break
        page.wait_for_timeout(2000)
        page.reload()
    expect(interval).to_contain_text("Entre")
    expect(page.get_by_text("Los modelos discrepan").or_(page.get_by_text("Publique el intervalo"))).to_be_visible()
    assert page.locator("svg.chart").count() in (6, 7)  # with or without the distribution of latent
    assert dresses(page) == []


def test_numbers_of_others_are_compared(line, browser):
    page = sign_in(line, browser, "Paula N.")
    page.goto(f"{line.address}/cited-figures")
    expect(page.get_by_role("heading", name="Por qué 765")).to_be_visible()
    assert dresses(page) == []
    page.get_by_label("Una cifra").select_option("mp-2019-a")
    page.get_by_label("Otra cifra").select_option("mp-2019-b")
    page.get_by_role("button", name="Comparar").click()
    expect(page.get_by_role("heading", name="se pueden comparar")).to_be_visible()

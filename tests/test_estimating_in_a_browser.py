"""A publisher estimates hidden people and compares published numbers; in Chromium, in every dress."""

import re

import pytest
from playwright.sync_api import Page, expect

from .test_figures_in_a_browser import browser, draft, dresses, line, publish, sign_in

__all__ = ["browser", "line"]  # fixtures

A_MINUTE_OR_TWO = 240_000  # the first estimate of a machine compiles


def cut_off(page: Page) -> list[str]:
    """The tables with columns beyond the edge of a telephone's screen."""
    page.set_viewport_size({"width": 390, "height": 800})
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.scroll-x:has(table)')].filter((it) => it.scrollWidth > it.clientWidth)"
        ".map((it) => it.ariaLabel)"
    )
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


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
    expect(interval := page.locator("ol.says")).to_have_count(0)
    for _ in range(A_MINUTE_OR_TWO // 2000):
        if interval.count():
            break
        page.wait_for_timeout(2000)
        page.reload()
    expect(interval).to_contain_text("Entre")
    expect(page.get_by_text("Los modelos discrepan").or_(page.get_by_text("Publique el intervalo"))).to_be_visible()
    assert page.locator("svg.chart").count() in (8, 9)  # with or without the distribution of latent
    assert dresses(page) == []
    assert cut_off(page) == []


def test_published_numbers_are_compared_and_ours_leads_to_its_sheet(line, browser):
    publish(line, browser, draft(line, browser).url)
    page = sign_in(line, browser, "Paula N.")
    page.goto(f"{line.address}/cited-figures")
    expect(page.get_by_role("heading", name="Por qué 765")).to_be_visible()
    assert dresses(page, (1280, 390, 320)) == []
    assert cut_off(page) == []
    page.get_by_label("Una cifra").select_option("mp-2019-a")
    page.get_by_label("Otra cifra").select_option("mp-2019-b")
    page.get_by_role("button", name="Comparar").click()
    expect(page.get_by_role("heading", name="se pueden comparar")).to_be_visible()
    other = page.get_by_label("Otra cifra")
    other.select_option(other.locator("option", has_text=re.compile("^395 · ")).get_attribute("value"))
    page.get_by_role("button", name="Comparar").click()
    expect(page.get_by_role("heading", name="y 395 no son la misma cifra")).to_be_visible()
    page.get_by_role("region", name="Comparación").get_by_role("link", name="Edición").click()
    expect(page.locator(".known")).to_contain_text("395")
    page.go_back()
    page.evaluate("document.querySelectorAll('table.list').forEach((it) => { it.style.minWidth = '64rem' })")
    assert len(cut_off(page)) == 3  # the control

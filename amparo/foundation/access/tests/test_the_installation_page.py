"""Administrators of the hotline see the weaknesses of its installation; for everybody else the page is a 404."""

import pytest


@pytest.mark.parametrize(("language", "words"), [("es", "Las llaves están en archivos"), ("en", "Keys stand in files")])
def test_the_page_lists_weaknesses_and_how_to_fix_them(browser, pilar, language, words):
    browser.force_login(pilar)
    page = browser.get(f"/installation?language={language}", follow=True).content.decode()
    assert words in page
    assert "AMPARO_KEYS=age" in page


def test_only_administrators_open_the_page(browser, rosa, tomas):
    for person in (rosa, tomas):
        browser.force_login(person)
        assert browser.get("/installation").status_code == 404

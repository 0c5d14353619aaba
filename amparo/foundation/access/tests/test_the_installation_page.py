"""Administrators of the hotline see the weaknesses of its installation; for everybody else the page is a 404."""

import pytest


@pytest.mark.parametrize(("language", "words"), [("es", "Las llaves están en archivos"), ("en", "Keys stand in files")])
def test_it_says_what_is_weak_and_what_mends_it(browser, pilar, language, words):
    browser.force_login(pilar)
    page = browser.get(f"/installation?language={language}", follow=True).content.decode()
    assert words in page
    assert "AMPARO_KEYS=age" in page


def test_nobody_else_opens_it(browser, rosa, tomas):
    for person in (rosa, tomas):
        browser.force_login(person)
        assert browser.get("/installation").status_code == 404

"""Numbers of others: what differs between two, and the page that says it."""

import re

import pytest
from django.test import Client
from django.utils import translation

from amparo.figures.publishing.citations.cited_figures import cited_figures, differences
from amparo.foundation.access.models import User


def named(one: str, other: str) -> list[str]:
    figures = cited_figures()
    return [str(it.label) for it in differences(figures[one], figures[other])]


def test_every_number_has_its_source_and_both_languages():
    assert len(cited_figures()) == 37
    for figure in cited_figures().values():
        assert figure.source.startswith("http")
        assert re.fullmatch(r"\d{4}(-\d\d)?", figure.ends)
        for column in ("unit", "subject", "population", "definition", "publisher"):
            assert figure.texts[column], figure.code
            assert figure.texts[f"{column}_es"], figure.code
        assert bool(figure.texts["note"]) == bool(figure.texts["note_es"])
        for code in cited_figures():  # readers do not see them
            assert code not in figure.texts["note"] + figure.texts["note_es"]


def test_765_and_1054_are_of_different_registers():
    assert named("reta-2019", "dirctptim-2019") == ["Population"]


def test_a_case_is_not_a_call():
    assert "Unit" in named("hl-2008-ref-96", "hl-2008-fwd")


def test_a_number_may_be_compared_with_its_revision():
    assert named("mp-2019-a", "mp-2019-b") == []


def test_words_follow_the_language():
    figure = cited_figures()["reta-2019"]
    with translation.override("es"):
        assert figure.unit == "personas"
    with translation.override("en"):
        assert figure.unit == "persons"


@pytest.mark.django_db
def test_the_page_says_why_two_numbers_are_not_one(paula: User):
    client = Client()
    client.force_login(paula)
    page = client.get("/cited-figures?language=en").content.decode()
    assert "Why 765 and 1,054 are not one number" in page
    assert "Nobody has said how many are in both" in page
    assert page.count("<tr id=") == 37
    same = client.get("/cited-figures?one=mp-2019-a&other=mp-2019-b&language=en").content.decode()
    assert "476 and 1,266 may be compared" in same
    assert client.get("/cited-figures?one=nothing&other=mp-2019-b").status_code == 422


@pytest.mark.django_db
def test_the_spanish_page_writes_its_numbers_and_sources_in_one_language(paula: User):
    client = Client()
    client.force_login(paula)
    page = client.get("/cited-figures?language=es").content.decode()
    assert "1,054" not in page
    assert re.search(r"<option[^>]*>1\s054 · ", page)
    assert "Informe TIP de EE. UU. 2020, que cita a PNP" in page
    assert " citing " not in page

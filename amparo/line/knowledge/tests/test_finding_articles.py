from dataclasses import replace

import pytest
from django.utils import translation

from amparo.foundation.core.actor import acting_as
from amparo.line.knowledge.models import find_articles
from amparo.line.knowledge.rules import revise_article

from .conftest import DEBT, NOW, written

ENGLISH = replace(
    DEBT, language="en", title="A debt does not oblige anybody to stay", keywords="fare, advance",
    body="Nobody may keep her for what she owes.", read_aloud="",
)  # fmt: skip
POLICE = replace(DEBT, title="A quién avisa la línea", keywords="policía, fiscalía", body="Explotación.", read_aloud="")


def titles(typed: str) -> list[str]:
    return [it.title for it in find_articles(typed)]


@pytest.fixture
def articles(marta) -> None:
    revise_article(written(marta), ENGLISH, based_on=0, by=marta, now=NOW)
    written(marta, POLICE)


@pytest.mark.parametrize(
    "typed",
    ["deuda", "deudas", "DEU", "pasajes", "obligada quedarse", "documento"],
)
def test_it_is_found_by_inflected_words_and_by_their_beginning(articles, ana, typed):
    with acting_as(ana.acting()), translation.override("es"):
        assert titles(typed) == [DEBT.title]


@pytest.mark.parametrize("typed", ["owe", "owing", "advanc", "obliging"])
def test_each_language_is_searched_by_its_own_rules(articles, ana, typed):
    with acting_as(ana.acting()), translation.override("es"):
        assert titles(typed) == [ENGLISH.title]


@pytest.mark.parametrize("typed", ["policia", "policía", "polic", "explotac", "explotación", "fiscal"])
def test_accents_do_not_matter(articles, ana, typed):
    with acting_as(ana.acting()), translation.override("es"):
        assert titles(typed) == [POLICE.title]


@pytest.mark.parametrize("typed", ["deuda zapato", "'); drop table", "&|!:*"])
def test_every_word_must_be_there_and_signs_are_no_query(articles, ana, typed):
    with acting_as(ana.acting()):
        assert titles(typed) == ([] if any(map(str.isalpha, typed)) else titles(""))
        assert len(titles("")) == 2  # the control


def test_an_article_comes_once_in_the_language_of_the_screen(articles, ana):
    with acting_as(ana.acting()):
        with translation.override("en"):
            assert titles("") == [ENGLISH.title, POLICE.title]
        with translation.override("qu"):
            assert DEBT.title in titles("")


def test_the_title_weighs_more_than_the_text(marta, ana):
    written(marta, replace(DEBT, title="Otra", keywords="", read_aloud="", body="deuda deuda deuda"))
    written(marta, replace(DEBT, title="Sobre la deuda", keywords="", read_aloud="", body="x"))
    with acting_as(ana.acting()):
        assert titles("deuda") == ["Sobre la deuda", "Otra"]

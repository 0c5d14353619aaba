"""In Quechua, what falls back to Spanish says so: to a reader by a sentence, to a screen reader by `lang`."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

import polib
import pytest

from amparo.catalogues import LOCALE

from .test_programme_pages import PAGES as PROGRAMME
from .test_programme_pages import published as published  # a fixture of each test here
from .test_public_pages import PAGES as OTHERS

FALLS_BACK = [
    *(page for page in OTHERS if page not in ("/cover", "/chat", "/again")),
    "/figures",
    "/figures/editions",
    *PROGRAMME,
]
IN_QUECHUA = ["/chat", "/again", "/nothing-here"]
SENTENCE = "Lo que aún no está traducido está en castellano."
VOID = ("br", "hr", "img", "input", "link", "meta", "source", "wbr")
SPOKEN = ("aria-label", "placeholder", "title", "alt")  # attributes that are read aloud


class Words(HTMLParser):
    """Each text of a page, and each attribute that is read aloud, with the language that holds there."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        language = given.get("lang") or (self.open[-1][1] if self.open else "")
        self.found += [(words, language) for name in SPOKEN if (words := given.get(name))]
        if tag not in VOID:
            self.open.append((tag, language))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] not in ("style", "script") and re.search(r"[^\W\d_]", data):
            self.found.append((" ".join(data.split()), self.open[-1][1]))


def words_of(page: str) -> list[tuple[str, str]]:
    parser = Words()
    parser.feed(page)
    return parser.found


def catalogue(language: str) -> dict[str, str]:
    """The words of this language by message, each piece of text between the elements in them apart."""
    entries = polib.pofile(str(LOCALE / language / "LC_MESSAGES/django.po"))
    return {
        entry.msgid: text for entry in entries for text in [entry.msgstr, *entry.msgstr_plural.values()] if text
    }  # fmt: skip


def pieces(texts: Iterator[str]) -> set[str]:
    return {" ".join(unescape(part).split()).casefold() for text in texts for part in re.split(r"<[^>]*>", text)}


TRANSLATED = catalogue("qu")
QUECHUA = pieces(iter(TRANSLATED.values()))
SPANISH = pieces(text for message, text in catalogue("es").items() if message not in TRANSLATED) - QUECHUA


@pytest.mark.parametrize("page", [*FALLS_BACK, *IN_QUECHUA])
def test_each_word_is_in_the_language_that_its_place_says(client, page):
    found = words_of(client.get(f"{page}?language=qu").content.decode())
    assert not [words for words, language in found if words.casefold() in SPANISH and language != "es"]
    assert not [words for words, language in found if words.casefold() in QUECHUA and language != "qu"]
    assert [words for words, language in found if words.casefold() in QUECHUA and language == "qu"]


@pytest.mark.parametrize("page", FALLS_BACK)
def test_a_page_that_falls_back_says_so_at_its_top(client, page):
    text = client.get(f"{page}?language=qu").content.decode()
    assert [language for words, language in words_of(text) if words == SENTENCE] == ["es"]
    assert text.index(SENTENCE) < re.search("<h[12]", text).start()
    for language in ("es", "en"):
        assert SENTENCE not in client.get(f"{page}?language={language}").content.decode()


@pytest.mark.parametrize("page", FALLS_BACK)
@pytest.mark.parametrize("language", ["es", "en"])
def test_in_the_languages_that_are_complete_no_word_is_marked(client, page, language):
    assert '<span lang="qu"' not in client.get(f"{page}?language={language}").content.decode()


def test_the_control_the_words_of_a_page_are_found_with_their_language(client):
    found = words_of(client.get("/plan?language=qu").content.decode())
    assert len([words for words, language in found if words.casefold() in SPANISH and language == "es"]) > 10
    assert ("El plan y su avance", "es") in found
    assert ("Kunan lluqsiy", "qu") in found

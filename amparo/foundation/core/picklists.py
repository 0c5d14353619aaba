"""The base of every list of code words that a model stores, and what the line changed in those that are its own."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils import translation
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language

from . import published_documents as documents

FOLDER, NAME = "line-words", "stored"  # of the file with what the line changed


@dataclass(frozen=True)
class OwnWord:
    """What the line wrote for one code word.

    Blank: as shipped. A word that the line added is shown in Spanish where its translation is blank.
    """

    es: str = ""
    en: str = ""
    qu: str = ""
    is_retired: bool = False
    counts_as: str = ""  # of an added word: the shipped code under which published figures count it; blank: none do


@dataclass(frozen=True)
class Changes:
    """What the line changed in one list."""

    words: tuple[tuple[str, OwnWord], ...] = ()  # by code; an unknown code is a word that the line added
    order: tuple[str, ...] = ()  # codes; those that are not in it come after them


@dataclass(frozen=True)
class LineList:
    """A picklist whose words are the line's."""

    id: str
    title: str | Promise
    sentence: str | Promise  # where it is used
    grows: bool = False  # words may be added, retired and put in order; otherwise they are only renamed
    is_counted: bool = False  # in published figures, whose cells are always the same: an added word counts as another
    needed: frozenset[str] = field(default_factory=frozenset)  # codes that Amparo itself writes: never retired
    shipped: Mapping[str, str | Promise] = field(default_factory=dict, hash=False)  # the words of Amparo, by code


class Copy:
    """What the line changed, by list, as this process keeps it. None: it keeps nothing, and reads the file."""

    lists: Mapping[str, Changes] | None = None


LINE_LISTS: dict[type["Picklist"], LineList] = {}
UNCHANGED = Changes()


def own_list(
    id: str,
    title: str | Promise,
    sentence: str | Promise,
    *,
    grows: bool = False,
    is_counted: bool = False,
    needed: tuple[str, ...] = (),
) -> Callable[[type["Picklist"]], Any]:
    """Decorate a picklist whose words the line may change on its page. Its labels say the line's words from then on."""

    def decorate(words: type[Picklist]) -> type[Picklist]:
        shipped = shipped_labels(words)
        LINE_LISTS[words] = LineList(id, title, sentence, grows, is_counted, frozenset(needed), shipped)
        for member in words:
            member._label_ = _lazy_label(words, member.value)
        return words

    return decorate


class Picklist(models.TextChoices):
    """A list of code words with labels. Models name `choices=Words.options`, so that a new word needs no migration.

    A list of the line (`own_list`) may have code words that are no member: ask `has` and `label_of`.
    """

    @classmethod
    def options(cls) -> list[tuple[str, str]]:
        """The choices of a model's field in the current language; Django calls it whenever it shows a value.

        Words that are no longer offered are among them, because they stay readable.
        """
        return _options_in(cls, get_language(), _changes_of(cls))

    @classmethod
    def offered(cls) -> list[tuple[str, str]]:
        """The choices of a form in the current language."""
        return _offered_in(cls, get_language(), _changes_of(cls))

    @classmethod
    def has(cls, code: object) -> bool:
        """Whether this is a code word of the list, still offered or not."""
        return code in _labels_in(cls, get_language(), _changes_of(cls))

    @classmethod
    def label_of(cls, code: str) -> str:
        """Return the word of a code in the current language; the code itself if the list does not have it."""
        return _labels_in(cls, get_language(), _changes_of(cls)).get(code, code)

    @classmethod
    def counted_as(cls, code: str) -> str:
        """Return the code under which published figures count this one."""
        return dict(_changes_of(cls).words).get(code, OwnWord()).counts_as or code

    @property
    def literal(self) -> RawSQL:
        """The code word as part of the statement, for a column with a partial index on it.

        PostgreSQL plans a repeated statement for any values, and such a plan cannot use an index on one value.
        """
        return RawSQL(f"'{self.value}'", ())


def parse_changes(stored: Mapping[str, Any]) -> dict[str, Changes]:
    """Read what the file or the database has. What this version cannot use counts as shipped."""
    return {name: _parse_list(value) for name, value in stored.items() if isinstance(value, dict)}


def _parse_list(stored: Mapping[str, Any]) -> Changes:
    words, order = stored.get("words"), stored.get("order")
    read = sorted((words if isinstance(words, dict) else {}).items())
    usable = tuple((code, word) for code, value in read if (word := parse_word(value)) is not None)
    return Changes(usable, tuple(map(str, order)) if isinstance(order, list) else ())


def parse_word(value: Any) -> OwnWord | None:
    """Read a stored word. None: it is as shipped, or this version cannot use it."""
    if not isinstance(value, dict):
        return None
    names = ("es", "en", "qu", "counts_as")
    texts: dict[str, Any] = {name: text for name in names if isinstance(text := value.get(name), str)}
    return replace(OwnWord(is_retired=value.get("is_retired") is True), **texts)


def _changes_of(words: type[Picklist]) -> Changes:
    if (own := LINE_LISTS.get(words)) is None:
        return UNCHANGED
    lists = parse_changes(documents.read_document(FOLDER, NAME) or {}) if Copy.lists is None else Copy.lists
    return lists.get(own.id, UNCHANGED)


def shipped_labels(words: type[Picklist]) -> dict[str, str | Promise]:
    """Return the words that Amparo ships, by code."""
    of_line = LINE_LISTS.get(words)
    return dict(of_line.shipped) if of_line else {str(member.value): member.label for member in words}


def _label_now(words: type[Picklist], code: str) -> str:
    return words.label_of(code)


_lazy_label = lazy(_label_now, str)


@functools.lru_cache(4096)
def _labels_in(words: type[Picklist], language: str | None, changes: Changes) -> dict[str, str]:
    """Return the word of each code as `str`, in order. Django hashes all choices to show one, and a lazy label would be
    translated each time.
    """
    own = dict(changes.words)
    shipped = shipped_labels(words)
    known = {code: word_in(language, shipped.get(code, ""), own.get(code)) for code in [*shipped, *own]}
    known = {code: text for code, text in known.items() if text or code in shipped}
    first = [code for code in changes.order if code in known]
    return {code: known[code] for code in dict.fromkeys([*first, *known])}


@functools.lru_cache(4096)
def _options_in(words: type[Picklist], language: str | None, changes: Changes) -> list[tuple[str, str]]:
    return list(_labels_in(words, language, changes).items())


@functools.lru_cache(4096)
def _offered_in(words: type[Picklist], language: str | None, changes: Changes) -> list[tuple[str, str]]:
    retired = {code for code, word in changes.words if word.is_retired}
    return [(code, label) for code, label in _labels_in(words, language, changes).items() if code not in retired]


def word_in(language: str | None, shipped: str | Promise, own: OwnWord | None) -> str:
    """Return the word in the current language, which is this one.

    A renamed word without a translation is shown in Spanish, unless Amparo has a translation of its own.
    """
    if own is None:
        return str(shipped)
    language = (language or "es")[:2]
    if written := str(getattr(own, language, "")):
        return written
    if not own.es or not str(shipped):
        return own.es or str(shipped)
    with translation.override("es"):
        in_spanish = str(shipped)
    return own.es if str(shipped) == in_spanish else str(shipped)

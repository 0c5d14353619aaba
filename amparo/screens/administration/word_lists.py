"""The lists of words of the forms: each with its words in every language, and the columns that use it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from amparo.foundation.core.picklists import Picklist

SHOWN = 3  # words in the title of a list


@dataclass(frozen=True)
class Word:
    code: str
    es: str
    en: str
    qu: str  # blank: nobody has translated it, and the Spanish word is shown


@dataclass(frozen=True)
class WordList:
    name: str
    room: str
    columns: list[str]  # of the models whose fields offer these words
    words: list[Word]

    @property
    def key(self) -> str:
        """The list's name in the query string of its page, such as `care.cases.Closing`."""
        return f"{self.room}.{self.name}"

    @property
    def title(self) -> str:
        """The first words of the list in the reader's language, because it has a name only in the code."""
        language = translation.get_language() or "es"
        first = [getattr(word, language[:2], "") or word.es for word in self.words if word.code][:SHOWN]
        return ", ".join(first) + ("…" if len(self.words) > len(first) else "")


def word_lists() -> list[WordList]:
    """Return the lists that the columns of models use, sorted by title.

    A list whose words are the same in Spanish and English is left out: it is of the code alone, and no form has it.
    """
    found: dict[type[Picklist], list[str]] = {}
    for picklist, column in _uses():
        found.setdefault(picklist, []).append(column)
    listed = [
        WordList(it.__qualname__, _room_of(it), sorted(set(columns)), _words_of(it)) for it, columns in found.items()
    ]
    listed = [it for it in listed if any(word.es != word.en for word in it.words)]
    return sorted(listed, key=lambda it: (it.title.casefold(), it.key))


def _uses() -> Iterator[tuple[type[Picklist], str]]:
    for model in apps.get_models():
        for field in model._meta.fields:
            options = getattr(getattr(field, "choices", None), "func", None)
            picklist = getattr(options, "__self__", None)
            if isinstance(picklist, type) and issubclass(picklist, Picklist):
                yield picklist, f"{model._meta.label}.{field.name}"


def _room_of(picklist: type[Picklist]) -> str:
    config = apps.get_containing_app_config(picklist.__module__)
    return config.name.removeprefix("amparo.") if config else ""


def _words_of(picklist: type[Picklist]) -> list[Word]:
    es, en, qu = (_labels(picklist, language) for language in ("es", "en", "qu"))
    return [Word(str(member.value), es[n], en[n], "" if qu[n] == es[n] else qu[n]) for n, member in enumerate(picklist)]


def _labels(picklist: type[Picklist], language: str) -> list[str]:
    with translation.override(language):
        return [str(capfirst(member.label)) for member in picklist]


def csv_rows() -> Iterator[list[str]]:
    yield [_("List"), _("Room"), _("Code"), _("Spanish"), _("English"), _("Quechua"), _("Used in")]
    for it in word_lists():
        for word in it.words:
            yield [it.name, it.room, word.code, word.es, word.en, word.qu, ", ".join(it.columns)]

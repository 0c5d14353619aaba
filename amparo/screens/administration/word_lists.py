"""The lists of words of the forms: each with its words in every language, where it is used, and what was changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from amparo.foundation.core.picklists import LINE_LISTS, LineList, Picklist, parse_word
from amparo.foundation.words import rules
from amparo.foundation.words.models import WordChange

SHOWN = 3  # words in the title of a list
CHANGES_SHOWN = 20
NEW = "new"  # stands for the code of a word that is being added


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
    of_line: LineList | None  # None: the words come with Amparo

    @property
    def key(self) -> str:
        """The list's name in the query string of its page, such as `care.cases.Closing`."""
        return f"{self.room}.{self.name}"

    @property
    def title(self) -> str:
        """Its title; of a list that has a name only in the code, its first words in the reader's language."""
        if self.of_line:
            return str(self.of_line.title)
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
        WordList(it.__qualname__, _room_of(it), sorted(set(columns)), _words_of(it), LINE_LISTS.get(it))
        for it, columns in found.items()
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
    return [Word(code, es[code], en[code], "" if qu[code] == es[code] else qu[code]) for code in es]


def _labels(picklist: type[Picklist], language: str) -> dict[str, str]:
    with translation.override(language):
        return {code: str(capfirst(label)) for code, label in picklist.options()}


def csv_rows() -> Iterator[list[str]]:
    yield [_("List"), _("Room"), _("Code"), _("Spanish"), _("English"), _("Quechua"), _("Used in")]
    for it in word_lists():
        for word in it.words:
            yield [it.name, it.room, word.code, word.es, word.en, word.qu, ", ".join(it.columns)]


@dataclass(frozen=True)
class Row:
    """One word of a list of the line, with what its fields show."""

    code: str
    title: str
    es: str
    en: str
    qu: str
    is_retired: bool = False
    is_needed: bool = False
    is_first: bool = False  # of the words that are offered
    is_last: bool = False
    counts_as: str = ""  # of an added word: the word under which published figures count it
    is_refused: bool = False  # its fields show what somebody just wrote


@dataclass(frozen=True)
class Change:
    """One change in words."""

    row: WordChange
    title: str
    before: str
    value: str


def own_lists() -> list[tuple[LineList, int]]:
    """Return the lists of the line, sorted by title, each with the number of words that it offers."""
    found = [(of_line, len(words.offered())) for words, of_line in LINE_LISTS.items()]
    return sorted(found, key=lambda each: str(each[0].title).casefold())


def rows(words: type[Picklist], typed: Mapping[str, Mapping[str, str]]) -> list[Row]:
    """Return the words in order, the retired ones last. `typed`, by code: what somebody wrote that was refused."""
    offered = [code for code, _label in words.offered()]
    retired = [code for code, _label in words.options() if code not in offered]
    needed, fields = LINE_LISTS[words].needed, _fields(words)
    first, last = offered[0], offered[-1]
    return [
        Row(
            code, words.label_of(code), **{**fields[code], **typed.get(code, {})}, is_retired=code not in offered,
            is_needed=code in needed, counts_as=_counted_as(words, code),
            is_first=code == first, is_last=code == last, is_refused=code in typed,
        )
        for code in [*offered, *retired]
    ]  # fmt: skip


def _counted_as(words: type[Picklist], code: str) -> str:
    counted = words.counted_as(code)
    return words.label_of(counted) if counted != code else ""


def _fields(words: type[Picklist]) -> dict[str, dict[str, str]]:
    """Return the words of a list by code and language. Blank: it has no translation, and the Spanish word is shown."""
    texts = {}
    for language in rules.LANGUAGES:
        with translation.override(language):
            texts[language] = dict(words.options())
    found = {code: {language: texts[language][code] for language in texts} for code in texts["es"]}
    for code, word in found.items():
        for language in ("en", "qu"):
            if word[language] == word["es"] and (language == "qu" or code not in words.values):
                word[language] = ""
    return found


def in_figures(words: type[Picklist]) -> list[tuple[str, str]]:
    """Return the words under which published figures may count an added one. Blank: no such figures count this list."""
    if not LINE_LISTS[words].is_counted:
        return []
    return [(code, words.label_of(code)) for code in rules.shipped_in_figures(words)]


def fresh_row(typed: Mapping[str, Mapping[str, str]]) -> Row:
    """Return the fields of a word that is added."""
    texts = typed.get(NEW, {})
    return Row(NEW, "", texts.get("es", ""), texts.get("en", ""), texts.get("qu", ""), is_refused=NEW in typed)


def newest_changes(words: type[Picklist]) -> list[Change]:
    """Return the newest changes of a list."""
    changes = WordChange.objects.filter(list=LINE_LISTS[words].id).newest_first()[:CHANGES_SHOWN]
    shipped = {"", *words.values}
    return [
        Change(
            it, words.label_of(it.code) if it.code else _("the order"),
            _in_words(words, it.before) if it.before or it.code in shipped else "—", _in_words(words, it.value),
        )
        for it in changes
    ]  # fmt: skip


def _in_words(words: type[Picklist], value: object) -> str:
    """Say a stored value in words."""
    if isinstance(value, list):
        return ", ".join(words.label_of(str(code)) for code in value)
    if (word := parse_word(value)) is None:
        return _("as Amparo ships it")
    parts = [word.es, word.en, word.qu, _("retired") if word.is_retired else ""]
    if word.counts_as:
        parts.append(_("counted as “%(word)s”") % {"word": words.label_of(word.counts_as)})
    return ", ".join(filter(None, parts)) or _("as Amparo ships it")

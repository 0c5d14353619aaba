"""Change a word of a list, add, retire and move one, undo a change, and give the words to every process."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core import published_documents as documents
from amparo.foundation.core.live import notify
from amparo.foundation.core.picklists import (
    FOLDER,
    LINE_LISTS,
    NAME,
    UNCHANGED,
    Changes,
    Copy,
    LineList,
    OwnWord,
    Picklist,
    parse_changes,
    parse_word,
    word_in,
)
from amparo.foundation.core.refusal import Refused

from .models import WordChange

TOPIC = "line-words"
LANGUAGES = ("es", "en", "qu")
LONGEST = 80  # signs of a word
MOST_ADDED = 40  # words of the line in one list; their codes must fit the shortest column, of eight signs

type Words = type[Picklist]


def load() -> dict[str, Changes]:
    """Read from the database what the line changed, by list."""
    return parse_changes(_stored())


def keep(lists: Mapping[str, Changes] | None) -> None:
    """Let every picklist show these changes in this process. None: let it read the file each time."""
    Copy.lists = lists


def load_copy() -> None:
    """Read the words into the copy of this process."""
    keep(load())


def refresh() -> None:
    """Read the words anew if this process keeps a copy: what it shows next fits them."""
    if Copy.lists is not None:
        load_copy()


def rewrite() -> None:
    """Write the file of the words anew: after each change, and at each start, because a restored home has none."""
    documents.replace_documents(FOLDER, {NAME: _stored()})


def _stored() -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for change in WordChange.objects.newest_of_each():
        of_list = found.setdefault(change.list, {"words": {}, "order": []})
        if not change.code:
            of_list["order"] = change.value or []
        elif change.value is not None:
            of_list["words"][change.code] = change.value
    return found


@action(permissions.keep_installation, label=gettext_lazy("renamed a word of a list"))
def rename_word(words: Words, code: str, texts: Mapping[str, str], *, by: User) -> WordChange:
    """Write a word anew, by language. Blank: as shipped. Raises `Refused` with a sentence if it cannot be used."""
    before = _own_words(words).get(code)
    if code not in words.values and before is None:
        raise Refused(_("This list has no such word. Load the page anew."))
    es, en, qu = _cleaned_texts(texts)
    word = replace(before or OwnWord(), es=es, en=en, qu=qu)
    if code in words.values:
        word = _without_shipped(words, code, word)
    elif not word.es:
        raise Refused(_("Write the word in Spanish."))
    if word == (before or OwnWord()):
        raise Refused(_("“%(word)s” is so already: nothing was changed.") % {"word": words.label_of(code)})
    _refuse_alike(words, code, word)
    return _store(words, code, None if word == OwnWord() else word, before, by)


@action(permissions.keep_installation, label=gettext_lazy("added a word to a list"))
def add_word(words: Words, texts: Mapping[str, str], *, counts_as: str = "", by: User) -> WordChange:
    """Offer a new word at the end of a list. Spanish is needed; it stands in for a blank translation.

    `counts_as`: the shipped code under which published figures count it, for good; of lists that are counted.
    """
    _refuse_fixed(words)
    added = [code for code in _own_words(words) if code not in words.values]
    if len(added) >= MOST_ADDED:
        raise Refused(_("This list is full. Rename one of the words that the line added."))
    if (counts_as not in shipped_in_figures(words)) if _of_line(words).is_counted else counts_as:
        raise Refused(_("Choose the word under which the published figures count it."))
    word = OwnWord(*_cleaned_texts(texts), counts_as=counts_as)
    if not word.es:
        raise Refused(_("Write the word in Spanish."))
    code = f"own-{len(added) + 1:02}"  # no shipped code has this beginning
    _refuse_alike(words, code, word)
    return _store(words, code, word, None, by)


@action(permissions.keep_installation, label=gettext_lazy("retired a word of a list"))
def retire_word(words: Words, code: str, *, by: User) -> WordChange:
    """Offer a word no longer. It stays readable where it was used."""
    return _set_retired(words, code, True, by)


@action(permissions.keep_installation, label=gettext_lazy("brought back a word of a list"))
def bring_word_back(words: Words, code: str, *, by: User) -> WordChange:
    return _set_retired(words, code, False, by)


def _set_retired(words: Words, code: str, is_retired: bool, by: User) -> WordChange:
    _refuse_fixed(words)
    before = _own_words(words).get(code)
    if code not in words.values and before is None:
        raise Refused(_("This list has no such word. Load the page anew."))
    word = replace(before or OwnWord(), is_retired=is_retired)
    if word == (before or OwnWord()):
        raise Refused(_("“%(word)s” is so already: nothing was changed.") % {"word": words.label_of(code)})
    _refuse_unusable(words, code, word)
    return _store(words, code, None if word == OwnWord() else word, before, by)


@action(permissions.keep_installation, label=gettext_lazy("moved a word of a list"))
def move_word(words: Words, code: str, places: int, *, by: User) -> WordChange:
    """Move a word up (-1) or down (1) among the words that are offered."""
    _refuse_fixed(words)
    _own_words(words)
    order, offered = [code for code, _label in words.options()], [code for code, _label in words.offered()]
    if code not in offered:
        raise Refused(_("This list has no such word. Load the page anew."))
    at = offered.index(code) + places
    if places not in (-1, 1) or not 0 <= at < len(offered):
        raise Refused(_("“%(word)s” stands at the end already: nothing was moved.") % {"word": words.label_of(code)})
    changed = [it for it in order if it != code]
    changed.insert(changed.index(offered[at]) + (places > 0), code)
    newest = WordChange.objects.filter(list=LINE_LISTS[words].id, code="").newest_first().first()
    return _store_value(words, "", changed, newest.value if newest else None, by)


@action(permissions.keep_installation, label=gettext_lazy("undid a change of a word"))
def undo_word_change(change: WordChange, *, by: User) -> WordChange:
    """Set what was there before this change. A word that was added is retired, because it may be in use.

    Raises `Refused` if the change is not the newest one of its word.
    """
    words = next((it for it, of_line in LINE_LISTS.items() if of_line.id == change.list), None)
    if words is None:
        raise Refused(_("There is no such change. Load the page anew."))
    _own_words(words)
    if WordChange.objects.filter(list=change.list, code=change.code).newest_first().first() != change:
        raise Refused(_("This word has changed again since. Load the page anew, and look at what is there."))
    if not change.code:
        return _store_value(words, "", change.before, change.value, by)
    value, before = parse_word(change.value), parse_word(change.before)
    if before is None and change.code not in words.values:
        before = replace(value or OwnWord(), is_retired=True)
        if before == value:
            raise Refused(_("This word was retired already: nothing was changed."))
    _refuse_unusable(words, change.code, before or OwnWord())
    return _store(words, change.code, before, value, by)


def _own_words(words: Words) -> dict[str, OwnWord]:
    """Return what the line wrote, by code, after everybody who changes this list at the same moment."""
    of_line = _of_line(words)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock('words_wordchange'::regclass::int, hashtext(%s))", [of_line.id])
    refresh()
    return dict(load().get(of_line.id, UNCHANGED).words)


def _of_line(words: Words) -> LineList:
    if (found := LINE_LISTS.get(words)) is None:
        raise Refused(_("The words of this list come with Amparo: they are not changed here."))
    return found


def _refuse_fixed(words: Words) -> None:
    if not _of_line(words).grows:
        raise Refused(_("The words of this list can be renamed only: Amparo works with each of them."))


def _cleaned(text: str) -> str:
    cleaned = " ".join(text.split())
    if len(cleaned) > LONGEST:
        raise Refused(_("This word is too long for a form. Write a shorter one."))
    if not cleaned.isprintable():
        raise Refused(_("This word has a sign that cannot be shown. Write it again."))
    return cleaned


def shipped_in_figures(words: Words) -> list[str]:
    """Return the codes under which an added word may be counted: not those with which Amparo does something else."""
    return [code for code in words.values if code not in _of_line(words).needed]


def _cleaned_texts(texts: Mapping[str, str]) -> tuple[str, str, str]:
    es, en, qu = (_cleaned(texts.get(language, "")) for language in LANGUAGES)
    return es, en, qu


def _without_shipped(words: Words, code: str, word: OwnWord) -> OwnWord:
    """Store no text that would be shown without it: a later version may word it better."""
    for language in LANGUAGES:
        without = replace(word, **{language: ""})  # type: ignore[arg-type]
        with translation.override(language):
            if word_in(language, LINE_LISTS[words].shipped[code], without) == getattr(word, language):
                word = without
    return word


def _refuse_unusable(words: Words, code: str, word: OwnWord) -> None:
    """Refuse a state of a word in which the list could not be used."""
    if not word.is_retired:
        _refuse_alike(words, code, word)
        return
    if code in _of_line(words).needed:
        raise Refused(_("Amparo itself writes this word: it can be renamed, and not retired."))
    if not [it for it, _label in words.offered() if it != code]:
        raise Refused(_("It is the last word of this list: add another one first."))


def _refuse_alike(words: Words, code: str, word: OwnWord) -> None:
    """Two words of a list that look the same could not be told apart in a form."""
    shipped = _of_line(words).shipped.get(code, "")
    for language in LANGUAGES:
        with translation.override(language):
            others = {label.casefold() for it, label in words.offered() if it != code}
            text = word_in(language, shipped, word)
        if text.casefold() in others:
            raise Refused(_("This list has “%(word)s” already. Write another word.") % {"word": text})


def _store(words: Words, code: str, word: OwnWord | None, before: OwnWord | None, by: User) -> WordChange:
    return _store_value(words, code, word and asdict(word), before and asdict(before), by)


def _store_value(words: Words, code: str, value: Any, before: Any, by: User) -> WordChange:
    notify(TOPIC)
    made = WordChange.objects.create(list=_of_line(words).id, code=code, value=value, before=before, by=by)
    transaction.on_commit(rewrite)
    return made

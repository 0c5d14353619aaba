"""Find words of the other language on a page, and on the answer to each form sent blank, by the Spanish catalogue.

On a page in Spanish no text may be a message id whose Spanish differs; on a page in English, no text may be the
Spanish of one. An element that names its own language by `lang` is left out: what people wrote stays as it is.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from html.parser import HTMLParser
from http.cookies import SimpleCookie

import polib
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.translation import trans_real

from amparo.foundation.access.models import User
from amparo.urls import PublicUrls, StaffUrls

from .catalogues import path
from .full_session import full_session
from .test_promises.test_every_person_every_page import BEFORE_ANYBODY, EXAMPLES, MAY, rooms_of

LANGUAGES = ("es", "en")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use"}
SILENT = {"script", "style", "textarea"}  # a textarea holds what somebody typed
SPOKEN = ("aria-label", "title", "placeholder", "alt", "label", "aria-description")
PLACE = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
TAG = re.compile(r"<[^>]+>")
LINK = re.compile(r'(?:href|src|data-src)="(/[^"#]*)')
WORD = re.compile(r"[^\W\d_]{2,}")
# Words that no Spanish sentence has: two different ones betray an English sentence that no catalogue knows.
ENGLISH = re.compile(
    r"\b(the|of|and|an|with|your|this|is|are|not|was|were|by|from|who|which|they|their|you|it|select|option)\b", re.I
)


class Texts(HTMLParser):
    """Collect what a reader sees or hears of a page: texts, labels, and values of buttons."""

    def __init__(self, language: str) -> None:
        super().__init__(convert_charrefs=True)
        self.language, self.found, self.left_out = language, list[str](), list[str]()
        self.open: list[tuple[str, bool]] = []  # tag, and whether what is below it is left out

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        is_left_out = tag in SILENT or self._is_left_out or named.get("lang", self.language)[:2] != self.language
        if not is_left_out:
            self.found += [named[name] for name in SPOKEN if name in named]
            self.found += [value for name, value in named.items() if name.startswith("data-") and " " in value]
            if tag == "input" and named.get("type") in ("submit", "button"):
                self.found.append(named.get("value", ""))
        if tag not in VOID:
            self.open.append((tag, is_left_out))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        (self.left_out if self._is_left_out else self.found).append(data)

    @property
    def _is_left_out(self) -> bool:
        return bool(self.open) and self.open[-1][1]


@dataclass
class Form:
    """A form that a page sends by POST: where it goes, and what it sends when nobody filled anything in."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    is_required: bool = False  # some field of it


class Forms(HTMLParser):
    """Collect the forms of a page that is at `address`."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address, self.found, self.is_in_one = address, list[Form](), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_in_one = named.get("method", "").lower() == "post"
            if self.is_in_one:
                self.found.append(Form(named.get("action") or self.address))
        elif self.is_in_one and "name" in named and tag in ("input", "select", "textarea", "button"):
            stays = tag == "button" or named.get("type") == "hidden"
            self.found[-1].fields.setdefault(named["name"], named.get("value", "") if stays else "")
            self.found[-1].is_required |= "required" in named

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_in_one = False


def texts_of(page: str, language: str) -> set[str]:
    """What a page shows, each text once, without the spaces and signs around it."""
    parser = Texts(language)
    parser.feed(page)
    written = {f"{_plain(each)} · Amparo" for each in parser.left_out}  # what people wrote may be the page's title
    return {text for each in parser.found if (text := _plain(each))} - written


def foreign(texts: Iterable[str], language: str) -> list[str]:
    """Return the texts of a page in `language` that are words of the other one."""
    return sorted(text for text in texts if _is_foreign(text, language))


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" ·:…→←«»()[],;")


@cache
def _is_foreign(text: str, language: str) -> bool:
    exact, patterns = _catalogue(language)
    if text in exact or any(pattern.fullmatch(text) for pattern in patterns):
        return True
    return language == "es" and len({word.lower() for word in ENGLISH.findall(text)}) >= 2


@cache
def _catalogue(language: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Words of the other language that this one does not have, as they are and with places for what varies."""
    english, spanish = set[str](), set[str]()
    for entry in polib.pofile(str(path("es"))):
        pairs = [(entry.msgid, entry.msgstr or entry.msgstr_plural[0])]
        if entry.msgid_plural:
            pairs.append((entry.msgid_plural, entry.msgstr_plural[1]))
        for here, there in pairs:
            english |= set(_parts(here))
            spanish |= set(_parts(there))
    other = english - spanish if language == "es" else spanish - english
    exact = frozenset(it for it in other if not PLACE.search(it))
    return exact, tuple(_pattern(it) for it in other - exact if len(WORD.findall(PLACE.sub(" ", it))) >= 2)


def _parts(message: str) -> Iterator[str]:
    """The texts of a message: a message with tags shows several."""
    parts = [_plain(part) for part in TAG.split(message)]
    least = 3 if len(parts) > 1 else 1  # a word between two tags is too little to judge by
    return (part for part in parts if len(WORD.findall(PLACE.sub(" ", part))) >= least)


def _pattern(message: str) -> re.Pattern[str]:
    return re.compile(".+".join(re.escape(part) for part in PLACE.split(message)).replace("%%", "%"))


def opened_by_everybody() -> tuple[dict[str, set[str]], int, list[str]]:
    """Open each page as an invented person of each role and as a visitor, in both languages. For `Hotline.do`.

    Each kind of form on a page is sent blank too, and nothing that it does is kept. Returns the routes that each of
    them saw, the number of forms that a page answered, and "person language address: text" for each foreign text.
    """
    seen, forms, wrong = dict[str, set[str]](), 0, list[str]()
    kinds = {language: set[tuple[str, ...]]() for language in LANGUAGES}
    for user in User.objects.filter(is_invented=True).select_related("agency").order_by("role", "pk").distinct("role"):
        for language in LANGUAGES:
            pages, answers = _pages_of(user, language, kinds[language])
            wrong += _wrong(user.username, language, pages | answers)
            forms += len(answers)
            seen[user.username] = {_kind(at) for at in pages}
    for language in LANGUAGES:
        pages = _follow(partial(_page, Client()), [f"/?language={language}"], PublicUrls)
        wrong += _wrong("visitor", language, pages)
        seen["visitor"] = {_kind(at, PublicUrls) for at in pages}
    return seen, forms, wrong


def opened_without_spanish_for(message: str, username: str) -> list[str]:
    """The control: the same of one person while Spanish lacks one message."""
    words = trans_real.translation("es")._catalog
    kept, words[message] = words[message], message
    try:
        pages, answers = _pages_of(User.objects.get(username=username), "es", set())
        return _wrong(username, "es", pages | answers)
    finally:
        words[message] = kept


def _pages_of(user: User, language: str, kinds: set[tuple[str, ...]]) -> tuple[dict[str, str], dict[str, str]]:
    """The pages that the user may open, and the answers to the forms on them whose kind is not in `kinds` yet."""
    client, pages = pages_of(user, language)
    return pages, _answers(client, pages, kinds)


def pages_of(user: User, language: str) -> tuple[Client, dict[str, str]]:
    """Open the pages that the user may open, one of each kind: the signed-in client, and address -> page."""
    client = Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(user)
    session = client.session
    session.update({**full_session(), "language": language})
    session.save()
    rooms = {at: room for at, room in rooms_of().items() if not any(it in at for it in EXAMPLES.values())}
    starts = [at for at, room in rooms.items() if (user.agency.kind, user.role) in MAY[room]]
    return client, _follow(partial(_page, client), starts)


def _answers(client: Client, pages: dict[str, str], kinds: set[tuple[str, ...]]) -> dict[str, str]:
    """Send each further kind of form on the pages blank: "page form" -> the page that answered."""
    found = dict[str, str]()
    for address, page in pages.items():
        parser = Forms(address)
        parser.feed(page)
        for form in parser.found:
            kind = (_kind(form.action), *sorted(form.fields))
            if kind[0] and kind not in kinds and (answer := _sent(client, form)):
                found[f"{address} {form.action} {' '.join(form.fields)}"] = answer
            kinds.add(kind)
    return found


def _sent(client: Client, form: Form) -> str | None:
    """The page that answers the form; None: another page follows. What the form did is taken back."""
    cookies = SimpleCookie(client.cookies.output(header="", sep=";"))
    with transaction.atomic():
        answer = client.post(form.action, form.fields)
        transaction.set_rollback(True)
    client.cookies = cookies
    assert answer.status_code < 500, form
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.content.decode() if is_page else None


def _wrong(who: str, language: str, pages: dict[str, str]) -> list[str]:
    return [
        f"{who} {language} {address}: {text}"
        for address, page in pages.items()
        for text in foreign(texts_of(page, language), language)
    ]


def _follow(get: Callable[[str], str | None], starts: Iterable[str], side: type = StaffUrls) -> dict[str, str]:
    """Follow the links of pages, one page of each kind: address -> page."""
    found, kinds, waiting = dict[str, str](), {""}, list(starts)
    while waiting:
        address = html.unescape(waiting.pop(0))
        kind = _kind(address, side)
        if kind not in kinds and (page := get(address)) is not None:
            kinds.add(kind)
            found[address] = page
            waiting += LINK.findall(page)
    return found


def _kind(address: str, side: type = StaffUrls) -> str:
    """The route of an address with the names of its parameters; blank: none of ours, or not to be opened."""
    path, _, query = address.partition("?")
    if side is StaffUrls and path.split("/")[1] in BEFORE_ANYBODY:
        return ""
    try:
        route = resolve(path, side).route
    except Resolver404:
        return ""
    return " ".join([f"/{route}", *sorted({it.partition("=")[0] for it in query.split("&") if it} - {"language"})])


def _page(client: Client, address: str) -> str | None:
    """The page at an address; None: another kind of file, or nothing for this person."""
    answer = client.get(address)
    is_page = answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.content.decode() if is_page else None

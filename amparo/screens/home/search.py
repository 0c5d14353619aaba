"""One search for everything that a person may open: codes, code names, units' numbers of reports, services, articles,
shelters, colleagues and pages.

Names and numbers of people are never searched here: that needs a reason (line/contacts). Each file that a search finds
gets an entry in the ledger.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from amparo.care.cases.models import Case, code_names
from amparo.care.directory.models import Service
from amparo.care.people.codenames import remainders_of_names
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.police_reports.models import Report
from amparo.care.referrals.models import Referral
from amparo.care.shelters.models import House
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.audit import rules as audit
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.core.plain_text import Plain, plain
from amparo.line.contacts.models import Contact
from amparo.line.knowledge.models import find_articles

from .navigation import ENTRIES

SHOWN = 8  # results of one kind
LONGEST = 80  # characters
SHORTEST = 2
label_verb("search_records", gettext_lazy("found it by the search"))
CODE = re.compile(r"\s*([CLDR]?)[ -]?(\d{1,9})\s*", re.IGNORECASE)

HELP_PAGES = (
    (gettext_lazy("Guide to sign in and out"), "sign-in/"),
    (gettext_lazy("Guide for operators"), "operator/"),
    (gettext_lazy("Guide for supervisors"), "supervisor/"),
    (gettext_lazy("Guide for case workers"), "case-worker/"),
    (gettext_lazy("Guide for police and prosecutors"), "police-liaison/"),
    (gettext_lazy("Guide for placements and beds"), "placement-officer/"),
    (gettext_lazy("Guide for shelters"), "shelter-staff/"),
    (gettext_lazy("Guide for the directory"), "directory-editor/"),
    (gettext_lazy("Guide to publish figures"), "publisher/"),
    (gettext_lazy("Guide for campaigns and events"), "campaign-officer/"),
    (gettext_lazy("Guide for the plan of action"), "plan-coordinator/"),
    (gettext_lazy("Guide for auditors"), "auditor/"),
    (gettext_lazy("Guide for administrators"), "administrator/"),
    (gettext_lazy("Glossary"), "glossary/"),
)


@dataclass(frozen=True)
class PageAction:
    """Something that one can do on a page, found by its own words: the bar names that page otherwise, or not at all."""

    label: Promise
    page: str  # name of its URL
    may: Callable[[User], bool]  # the permission that its view asks
    icon: str

    @property
    def address(self) -> str:
        return reverse(self.page)


ACTIONS = (
    PageAction(gettext_lazy("Enter a contact by hand"), "contact-enter", permissions.take_calls, "note"),
    PageAction(gettext_lazy("Search a safe number"), "contacts-search", permissions.take_calls, "search"),
    PageAction(gettext_lazy("Set languages"), "languages", permissions.take_calls, "people"),
    PageAction(gettext_lazy("Who waits"), "triage", permissions.supervise, "people"),
    PageAction(gettext_lazy("Plan a shift"), "roster", permissions.supervise, "calendar"),
    PageAction(gettext_lazy("Write an article"), "article-add", permissions.supervise, "note"),
    PageAction(gettext_lazy("Add an institution"), "directory-organization-add", permissions.edit_directory, "note"),
    PageAction(gettext_lazy("Add somebody"), "staff", permissions.manage_people, "people"),
)


@dataclass(frozen=True)
class Hit:
    label: str
    note: str
    address: str
    icon: str


@dataclass(frozen=True)
class HitGroup:
    label: str | Promise
    hits: list[Hit]


def search(typed: str, *, by: User) -> list[HitGroup]:
    """Return the matches that this user may open, grouped by kind in a fixed order. Empty groups are left out."""
    words = plain(typed[:LONGEST].replace("\0", " ")).split()
    code = CODE.fullmatch(typed)
    if sum(map(len, words)) < SHORTEST and code is None:
        return []
    kinds = [*_by_code(code[1].upper(), int(code[2]), by), _services(words, by)] if code else [*_by_words(words, by)]
    kinds.append(_by_unit_number(" ".join(words), by))
    return [kind for kind in kinds if kind.hits]


def address_of_record(letter: str, number: int, by: User) -> str | None:
    """Return the address of the record with a code such as C-2031, and log the find. None: this user may open none.

    Letters: C a contact, L a case, D a police report, R a referral.
    """
    for page, _label, _icon, records in _records_by_letter(letter, by):
        if (row := records.filter(number=number).first()) is not None:
            audit.append("search_records", f"{row._meta.model_name} {row.pk}", key=row.key_id)
            return reverse(page, args=[row.pk])
    return None


def _by_code(letter: str, number: int, by: User) -> Iterable[HitGroup]:
    for page, label, icon, records in _records_by_letter(letter, by):
        found = list(records.filter(number=number)[:1])
        yield HitGroup(
            label, [Hit(it.code, _note_on_record(it), reverse(page, args=[it.pk]), icon) for it in _log_found(found)]
        )


def _records_by_letter(letter: str, by: User) -> Iterable[tuple[str, Promise, str, "QuerySet[Any]"]]:
    """The page, label, icon and visible rows of each kind of record with this letter; blank: of every kind."""
    if letter in ("", "L") and permissions.follow_cases(by):
        yield "case", gettext_lazy("Cases"), "folder", Case.objects.visible_to(by)
    if letter in ("", "C") and permissions.take_calls(by):
        yield "contact", gettext_lazy("Contacts"), "chat", Contact.objects.visible_to(by).real()
    if letter in ("", "D") and permissions.read_reports(by):
        reports = Report.objects.visible_to(by).select_related("to_agency").defer("facts", "traces")
        yield "report", gettext_lazy("Police reports"), "shield", reports
    if letter in ("", "R") and permissions.follow_cases(by):
        referrals = Referral.objects.visible_to(by).select_related("service").defer("facts")
        yield "referral", gettext_lazy("Referrals"), "transfer", referrals


def _by_unit_number(typed: str, by: User) -> HitGroup:
    """Find police reports by the full number that their unit gave them."""
    label = gettext_lazy("Police reports by the unit's number")
    if not permissions.read_reports(by):
        return HitGroup(label, [])
    found = Report.objects.visible_to(by).with_unit_number(typed).select_related("to_agency").defer("facts", "traces")
    rows = _log_found(list(found.order_by("-sent_at")[:SHOWN]))
    return HitGroup(label, [Hit(it.code, str(it.to_agency), reverse("report", args=[it.pk]), "shield") for it in rows])


def _note_on_record(row: Any) -> str:
    match row:
        case Case():
            name = code_names([row]).get(row.key_id)
            return ", ".join(filter(None, [f"«{name}»" if name else "", row.get_state_display()]))
        case Contact():
            return str(row.get_type_display() if row.type else row.get_channel_display())
        case Report():
            return str(row.to_agency)
        case _:
            return str(row.service)


def _log_found(rows: "list[Any]") -> "list[Any]":
    for row in rows:
        audit.append("search_records", f"{row._meta.model_name} {row.pk}", key=row.key_id)
    return rows


def _by_words(words: list[str], by: User) -> Iterable[HitGroup]:
    yield _cases(words, by)
    yield _services(words, by)
    yield _articles(words, by)
    yield _houses(words, by)
    yield _colleagues(words, by)
    yield _pages(words, by)
    yield _help_pages(words)


def _cases(words: list[str], by: User) -> HitGroup:
    """Cases by the code name of the person at risk."""
    label = gettext_lazy("Cases")
    remainders = remainders_of_names(words) if permissions.follow_cases(by) else []
    if not remainders:
        return HitGroup(label, [])
    named = Person.objects.filter(part=Part.AT_RISK).keys_of_files_named(remainders, by, SHOWN)
    cases = _log_found(list(Case.objects.visible_to(by).filter(key__in=named).order_by("closed_at", "-number")))
    names = code_names(cases)
    return HitGroup(
        label,
        [
            Hit(f"«{names.get(it.key_id, '')}» {it.code}", str(capfirst(it.get_state_display())),
                reverse("case", args=[it.pk]), "folder")
            for it in cases
        ],
    )  # fmt: skip


def _services(words: list[str], by: User) -> HitGroup:
    label = gettext_lazy("Services")
    if not permissions.read_directory(by):
        return HitGroup(label, [])
    found = Service.objects.alias(text=Plain("name"), of=Plain("organization__name")).select_related("organization")
    for word in words:
        found = found.filter(Q(text__contains=word) | Q(of__contains=word))
    shown = found.order_by("name", "pk")[:SHOWN]
    return HitGroup(
        label, [Hit(it.name, str(it.organization), reverse("directory-service", args=[it.pk]), "pin") for it in shown]
    )


def _articles(words: list[str], by: User) -> HitGroup:
    """Published articles, best first."""
    label = gettext_lazy("Articles")
    if not permissions.follow_cases(by):
        return HitGroup(label, [])
    found = find_articles(" ".join(words))[:SHOWN]
    return HitGroup(label, [Hit(it.title, "", reverse("article", args=[it.article_id]), "note") for it in found])


def _houses(words: list[str], by: User) -> HitGroup:
    """Shelters by their code names; never an address."""
    keeps, finds = permissions.approve_placements(by), permissions.find_beds(by)
    houses = House.objects.visible_to(by).open() if keeps or finds else House.objects.none()
    found = houses.alias(text=Plain("code_name"))
    for word in words:
        found = found.filter(text__contains=word)
    hits = [
        Hit(str(it), "", reverse("house-kept", args=[it.pk]) if keeps else reverse("beds"), "house")
        for it in found.order_by("pk")[:SHOWN]
    ]
    return HitGroup(gettext_lazy("Shelters"), hits)


def _colleagues(words: list[str], by: User) -> HitGroup:
    """People of one's own institution, for those who have a page about them."""
    page = "staff" if permissions.manage_people(by) else "roster" if permissions.take_calls(by) else ""
    people = User.objects.filter(agency=by.agency, is_active=True, is_machine=False) if page else User.objects.none()
    found = people.alias(text=Plain("first_name"))
    for word in words:
        found = found.filter(text__contains=word)
    shown = found.order_by("first_name", "pk")[:SHOWN]
    return HitGroup(
        gettext_lazy("Colleagues"),
        [Hit(str(it), str(capfirst(it.get_role_display())), reverse(page), "people") for it in shown],
    )


def _pages(words: list[str], by: User) -> HitGroup:
    pages = [Hit(str(it.label), "", it.address, it.icon or it.group.icon) for it in ENTRIES if it.may(by)]
    pages += [Hit(str(it.label), "", it.address, it.icon) for it in ACTIONS if it.may(by)]
    return HitGroup(gettext_lazy("Pages"), [hit for hit in pages if _matches(words, hit.label)])


def _help_pages(words: list[str]) -> HitGroup:
    language = "en" if get_language() == "en" else "es"
    found = [(str(title), page) for title, page in HELP_PAGES if _matches(words, str(title))]
    return HitGroup(
        gettext_lazy("Help"), [Hit(title, _("Manual"), f"/help/{language}/{page}", "ask") for title, page in found]
    )


def _matches(words: list[str], text: str) -> bool:
    return all(word in plain(text) for word in words)

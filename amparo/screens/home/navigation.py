"""The bar of every page: which pages a person may open, grouped by their work, and how much waits there."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum
from typing import Any, Self

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access import permissions
from amparo.foundation.access.models import Agency, User
from amparo.foundation.core.actor import acting_as, current_actor
from amparo.line.switchboard.models import Call, DangerAlert

from . import waiting
from .waiting import Waiting

AT_MOST = 100  # counted; more is shown as "99+"
ROOM_IN_THE_BAR = 5  # places on a telephone; with more, the last place is the button for the rest


class Group(Enum):
    """A group of pages, with its label and icon. The bar shows the groups in this order."""

    HOME = _("Home"), "home"
    CONSOLE = _("Console"), "phone"
    CASES = _("Cases"), "folder"
    HELP = _("Support"), "hands"
    REPORTS = _("Police reports"), "shield"
    FLOOR = _("Floor"), "board"
    PROGRAMME = _("Programme"), "calendar"
    FIGURES = _("Figures"), "chart"
    ADMINISTRATION = _("Administration"), "gear"
    MORE = _("More"), "menu"

    @property
    def label(self) -> Promise:
        label: Promise = self.value[0]
        return label

    @property
    def icon(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class Entry:
    """One page in the bar."""

    group: Group
    label: str | Promise
    page: str  # name of its URL
    may: Callable[[User], bool]  # the permission that its view asks
    room: str  # what the pages below it have as `room` in their context
    waiting: Waiting | None = None  # what waits there
    icon: str = ""  # in the menu; blank: the group's
    live: str = ""  # a part of the page that a script fetches again (oversight/alerts.js)

    @property
    def address(self) -> str:
        return reverse(self.page)


# A new page of the staff adds its line here. Its order in the bar is its order in its group.
ENTRIES = (
    Entry(Group.HOME, _("Home"), "home", permissions.is_staff, "home"),
    Entry(Group.CONSOLE, _("Console"), "console", permissions.take_calls, "console", waiting.waiting_callers),
    Entry(Group.CASES, _("Cases"), "cases", permissions.follow_cases, "cases", waiting.late_cases),
    Entry(Group.CASES, _("Shared without consent"), "bases", permissions.supervise, "bases", waiting.bases_to_review),
    Entry(Group.HELP, _("Services"), "directory", permissions.read_directory, "directory"),
    Entry(Group.HELP, _("Articles"), "articles", permissions.follow_cases, "articles", waiting.articles_to_review),
    Entry(
        Group.HELP, _("Entries"), "directory-entries", permissions.edit_directory, "entries", waiting.entries_to_verify
    ),
    Entry(Group.HELP, _("Beds"), "beds", permissions.find_beds, "beds", waiting.waiting_placements),
    Entry(Group.HELP, _("Our beds"), "house", permissions.run_house, "beds", waiting.waiting_placements),
    Entry(Group.HELP, _("Shelters"), "houses", permissions.approve_placements, "houses"),
    Entry(Group.HELP, _("Referrals"), "referrals", permissions.follow_cases, "referrals", waiting.late_referrals),
    Entry(Group.HELP, _("Answered by programs"), "joined", permissions.supervise, "joined"),
    Entry(Group.REPORTS, _("Police reports"), "reports", permissions.read_reports, "reports", waiting.waiting_reports),
    Entry(Group.REPORTS, _("Units and their places"), "units", permissions.supervise, "units"),
    Entry(Group.FLOOR, _("The line now"), "wallboard", permissions.supervise, "wallboard"),
    Entry(Group.FLOOR, _("Shifts"), "roster", permissions.take_calls, "roster"),
    Entry(
        Group.FLOOR, _("Shift hand-over"), "hand-over", permissions.take_calls, "hand-over", waiting.shift_hand_overs
    ),
    Entry(Group.FLOOR, _("Practice"), "practices", permissions.take_calls, "practice"),
    Entry(Group.FLOOR, _("Quality"), "quality", permissions.take_calls, "quality", waiting.waiting_reviews),
    Entry(Group.FLOOR, _("Wellbeing"), "wellbeing", permissions.take_calls, "wellbeing", waiting.offered_debriefs),
    Entry(Group.FLOOR, _("Month"), "month", permissions.supervise, "month"),
    Entry(Group.PROGRAMME, _("Campaigns"), "campaigns", permissions.run_campaigns, "campaigns"),
    Entry(Group.PROGRAMME, _("Events"), "events", permissions.run_campaigns, "events", waiting.overdue_pledges),
    Entry(Group.PROGRAMME, _("Testimonies"), "testimonies", permissions.run_campaigns, "testimonies"),
    Entry(Group.PROGRAMME, _("Plan of action"), "plans", permissions.follow_plan, "plans", waiting.waiting_in_plan),
    Entry(
        Group.PROGRAMME,
        _("Public plan"),
        "plan-publications",
        permissions.show_plans,
        "plan-publications",
        waiting.plans_to_show,
    ),
    Entry(Group.PROGRAMME, _("Laws"), "laws", permissions.follow_plan, "laws"),
    Entry(Group.PROGRAMME, _("News"), "notes", permissions.write_news, "notes", waiting.notes_to_publish),
    Entry(Group.PROGRAMME, _("Public pages"), "texts", permissions.write_news, "texts", waiting.texts_to_review),
    Entry(Group.FIGURES, _("Published figures"), "editions", permissions.publish, "editions"),
    Entry(Group.FIGURES, _("Analyse"), "analysis", permissions.analyse, "analysis"),
    Entry(Group.FIGURES, _("Numbers about the country"), "cited-figures", permissions.analyse, "cited-figures"),
    Entry(Group.FIGURES, _("Hidden people"), "estimates", permissions.publish, "estimates"),
    Entry(Group.MORE, _("Contacts"), "contacts", permissions.take_calls, "contacts", icon="chat"),
    Entry(
        Group.MORE,
        _("Return codes"),
        "return-codes",
        permissions.follow_cases,
        "codes",
        waiting.code_messages,
        icon="key",
    ),
    Entry(
        Group.MORE,
        _("Data requests"),
        "requests",
        permissions.supervise,
        "requests",
        waiting.data_requests,
        icon="seal",
    ),
    Entry(Group.MORE, _("Cases as files"), "exchange", permissions.supervise, "exchange", icon="note"),
    Entry(
        Group.MORE, _("Unusual access"), "alerts", permissions.watch, "alerts", waiting.alerts, icon="bell", live="bar"
    ),
    Entry(Group.MORE, _("From trial to real"), "ready", permissions.open_line, "administration-ready", icon="check"),
    Entry(Group.MORE, _("Audit log"), "ledger", permissions.audit, "ledger", icon="list"),
    Entry(Group.ADMINISTRATION, _("People"), "staff", permissions.manage_people, "staff", icon="people"),
    Entry(
        Group.ADMINISTRATION,
        _("Institutions"),
        "institutions",
        permissions.keep_installation,
        "administration-institutions",
    ),
    Entry(Group.ADMINISTRATION, _("The line"), "line-settings", permissions.keep_installation, "administration-line"),
    Entry(
        Group.ADMINISTRATION, _("Lists of words"), "word-lists", permissions.keep_installation, "administration-lists"
    ),
    Entry(
        Group.ADMINISTRATION,
        _("Notices"),
        "installation-notices",
        permissions.keep_installation,
        "administration-notices",
        icon="bell",
    ),
    Entry(Group.ADMINISTRATION, _("Installation"), "installation", permissions.keep_installation, "installation"),
    Entry(Group.ADMINISTRATION, _("Version"), "version", permissions.keep_installation, "administration-version"),
    Entry(
        Group.ADMINISTRATION,
        _("Programs"),
        "integrations",
        permissions.manage_integrations,
        "integrations",
        icon="transfer",
    ),
)


class Strip(Enum):
    """What a script draws over a page, and fetches only if there is something to draw."""

    CALL = "call"
    DANGER = "danger"


type Counted = Entry | Strip
type Statement = tuple[list[Counted], str, list[Any]]  # what is counted, the SQL, its parameters


@dataclass(frozen=True)
class Link:
    """One place in the bar, or one line of its menu, as it is drawn."""

    label: str | Promise
    icon: str
    address: str
    number: int | None  # what waits there; None: nothing is counted
    is_current: bool
    live: str = ""
    on_phone: bool = True  # it has a place in the bar of a telephone

    @property
    def shown(self) -> str:
        """The number as written; blank: nothing waits."""
        return "" if not self.number else "99+" if self.number >= AT_MOST else str(self.number)


@dataclass(frozen=True)
class Bar:
    """The navigation bar of a staff page, as one user sees it."""

    places: list[Link] = field(default_factory=list)
    menu: list[Link] = field(default_factory=list)  # behind the button "More"
    tabs: list[Link] = field(default_factory=list)  # the other pages of the group where one is
    tabs_label: str | Promise = ""
    has_call: bool = False  # this user is in a call
    has_danger: bool = False  # an alert of danger may be shown to this user

    @property
    def waiting_in_menu(self) -> int:
        return sum(link.number or 0 for link in self.menu)

    @property
    def is_in_menu(self) -> bool:
        return any(link.is_current for link in self.menu)

    @classmethod
    def of(cls, user: User, room: str, now: datetime) -> Self:
        entries = entries_of(user)
        numbers = count_waiting(user, now)
        grouped = {group: [entry for entry in entries if entry.group is group] for group in Group}
        more = grouped.pop(Group.MORE)
        places = [_link_of_group(group, found, numbers, room) for group, found in grouped.items() if found]
        menu = [_link_of_entry(entry, numbers, room) for entry in more]
        if len(places) + len(menu) <= ROOM_IN_THE_BAR:
            places, menu = places + menu, []
        elif len(places) >= ROOM_IN_THE_BAR:
            first, others = places[: ROOM_IN_THE_BAR - 1], places[ROOM_IN_THE_BAR - 1 :]
            places = first + [Link(**{**vars(link), "on_phone": False}) for link in others]
        current = next((found for found in grouped.values() if any(entry.room == room for entry in found)), [])
        tabs = [_link_of_entry(entry, numbers, room) for entry in current] if len(current) > 1 else []
        label = current[0].group.label if tabs else ""
        return cls(places, menu, tabs, label, bool(numbers.get(Strip.CALL)), bool(numbers.get(Strip.DANGER)))


def entries_of(user: User) -> list[Entry]:
    """Return the entries that this user may open."""
    return [entry for entry in ENTRIES if entry.may(user)]


def count_waiting(user: User, now: datetime) -> dict[Counted, int]:
    """Count what waits in each entry of this user, in one statement. Rows beyond `AT_MOST` are not counted."""
    counted, sql, parameters = statement_of(user, now)
    if not counted:
        return {}
    if current_actor() is None:  # an error page, after its transaction
        with acting_as(user.acting(), asynchronous_commit=True):
            found = _fetch(sql, parameters)
    else:
        found = _fetch(sql, parameters)
    numbers: dict[Counted, int] = {}
    for entry, number in zip(counted, found, strict=True):
        numbers[entry] = numbers.get(entry, 0) + number
    return numbers


def statement_of(user: User, now: datetime) -> Statement:
    """Return what `build_statement` returns, but move the times of a statement of the same day from a cache.

    Building one takes a third of a page's time. Two of a day differ only in their times, and these by as much as `now`.
    """
    day = timezone.localdate(now)
    entries, sql, parameters = _statement_of_day(user.pk, user.role, user.agency_id, user.agency.kind, day)
    later = now - _noon(day)
    return entries, sql, [each + later if isinstance(each, datetime) else each for each in parameters]


@functools.lru_cache(maxsize=512)
def _statement_of_day(pk: int, role: str, agency: int, kind: str, day: date) -> Statement:
    """Build the statement for noon of this day; cached.

    The arguments are plain values: a cached `User` may hold its request, which must not outlive its answer.
    """
    return build_statement(User(pk=pk, role=role, agency=Agency(pk=agency, kind=kind)), _noon(day))


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def build_statement(user: User, now: datetime) -> Statement:
    """Return the entries and strips that are counted, the SQL that counts them in this order, and its parameters.

    An entry appears once for each of its querysets.
    """
    found: list[tuple[Counted, QuerySet[Any]]] = []
    for entry in entries_of(user):
        found += [(entry, rows) for rows in (entry.waiting(user, now) if entry.waiting else ())]
    if permissions.take_calls(user):
        found.append((Strip.CALL, Call.objects.live().filter(operators__contains=[user.pk])))
        found.append((Strip.DANGER, DangerAlert.objects.may_be_shown(now)))
    counted: list[Counted] = []
    parts: list[str] = []
    parameters: list[Any] = []
    for each, rows in found:
        sql, values = rows.order_by().values("pk")[:AT_MOST].query.sql_with_params()
        counted.append(each)
        parts.append(f"(select count(*) from ({sql}) as waiting)")
        parameters += values
    return counted, f"select {', '.join(parts)}", parameters


def _fetch(sql: str, parameters: list[Any]) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone() or ()


def _link_of_group(group: Group, entries: list[Entry], numbers: dict[Counted, int], room: str) -> Link:
    """A group as one link, under its own name or that of its only entry."""
    first = entries[0]
    counted = [numbers[entry] for entry in entries if entry in numbers]
    label = group.label if len(entries) > 1 else first.label
    is_current = any(entry.room == room for entry in entries)
    return Link(label, group.icon, first.address, sum(counted) if counted else None, is_current)


def _link_of_entry(entry: Entry, numbers: dict[Counted, int], room: str) -> Link:
    icon = entry.icon or entry.group.icon
    return Link(entry.label, icon, entry.address, numbers.get(entry), entry.room == room, entry.live)

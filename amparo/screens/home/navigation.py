"""The bar of every page: which pages a person may open, grouped by their work, and how much waits there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Self

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.care.cases.models import Case, HandOver
from amparo.care.consent.models import DisclosureBasis
from amparo.care.directory.models import VerificationTask
from amparo.care.police_reports.models import Escalation, Report
from amparo.care.referrals.models import Referral
from amparo.care.shelters.models import Placement
from amparo.care.shelters.picklists import State as PlacementState
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as, current_actor
from amparo.foundation.oversight.models import Alert
from amparo.line.channels.rules import queues
from amparo.line.contacts.models import DataSubjectRequest, Debrief, ReturnCodeMessage
from amparo.line.knowledge.models import Article
from amparo.line.quality.models import Sample
from amparo.line.roster.models import ShiftHandOver
from amparo.programme.events.models import Pledge
from amparo.programme.news.models import Note
from amparo.programme.plan.models import Indicator
from amparo.programme.plan.rules import comments_to_read
from amparo.programme.texts.models import Version

AT_MOST = 100  # counted; more is shown as "99+"
ROOM_IN_THE_BAR = 5  # places on a telephone; with more, the last place is the button for the rest

type Waiting = Callable[[User, datetime], Iterable[QuerySet[Any]]]


class Group(Enum):
    """A place in the bar, in its order: the label and the icon."""

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


def waiting_callers(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Callers and chats in the queue."""
    return queues()


def shift_hand_overs(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Hand-overs of colleagues that nobody has acknowledged."""
    return (ShiftHandOver.objects.waiting_for(user),)


def late_cases(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """Late cases of this user, of everybody for a supervisor; and hand-over notes to read."""
    every = Case.objects.visible_to(user).open() if permissions.supervise(user) else Case.objects.open_by_due_date(user)
    return every.filter(next_due__lt=now), HandOver.objects.handed_over_to(user)


def bases_to_review(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Disclosures without consent that no supervisor has reviewed."""
    return (DisclosureBasis.objects.to_review(),)


def late_referrals(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """Referrals whose service missed its deadline."""
    return (Referral.objects.visible_to(user).late(now),)


def waiting_reports(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """For a unit: open reports. For the hotline: late steps of units, and questions of units."""
    visible = Report.objects.visible_to(user)
    if permissions.receive_reports(user):
        return (visible.waiting_for_the_unit(),)
    return Escalation.objects.waiting(), visible.waiting_for_the_line()


def waiting_placements(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """For a placement officer: requests to approve. For a house: people on their way."""
    waits = PlacementState.APPROVED if permissions.run_house(user) else PlacementState.REQUESTED
    return (Placement.objects.visible_to(user).unsettled(now).filter(state=waits),)


def entries_to_verify(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Entries that somebody asked the editors to verify or find."""
    return (VerificationTask.objects.waiting(),)


def waiting_in_plan(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Values that a data call asks of this user's institution, and comments to read."""
    return Indicator.objects.filter(responsible=user.agency_id).to_report(), comments_to_read(user)


def articles_to_review(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """For a supervisor: articles whose review is due."""
    return (Article.objects.to_review(timezone.localdate(now)),) if permissions.supervise(user) else ()


def offered_debriefs(user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """Talks that are offered to this user after hard contacts."""
    return (Debrief.objects.offered(now).filter(operator=user),)


def waiting_reviews(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Feedback to read; for a supervisor also conversations to review."""
    to_review = (Sample.objects.to_review(user),) if permissions.supervise(user) else ()
    return (Sample.objects.to_answer(user), *to_review)


def code_messages(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """Messages left with a return code that nobody has read."""
    return (ReturnCodeMessage.objects.waiting(),)


def data_requests(_user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    return (DataSubjectRequest.objects.waiting(),)


def overdue_pledges(_user: User, now: datetime) -> Iterable[QuerySet[Any]]:
    """Pledges whose day has passed and that nobody has closed."""
    return (Pledge.objects.overdue(timezone.localdate(now)),)


def notes_to_publish(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """For a publisher: drafts of colleagues."""
    if not permissions.publish(user):
        return ()
    return (Note.objects.drafts_of_others(user),)


def texts_to_review(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    """For a publisher: texts of colleagues for the public pages."""
    return (Version.objects.to_review().exclude(written_by=user),) if permissions.publish(user) else ()


def alerts(user: User, _now: datetime) -> Iterable[QuerySet[Any]]:
    return (Alert.objects.visible_to(user).waiting(),)


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
    Entry(Group.CONSOLE, _("Console"), "console", permissions.take_calls, "console", waiting_callers),
    Entry(Group.CASES, _("Cases"), "cases", permissions.follow_cases, "cases", late_cases),
    Entry(Group.CASES, _("Shared without consent"), "bases", permissions.supervise, "bases", bases_to_review),
    Entry(Group.HELP, _("Services"), "directory", permissions.read_directory, "directory"),
    Entry(Group.HELP, _("Articles"), "articles", permissions.follow_cases, "articles", articles_to_review),
    Entry(Group.HELP, _("Entries"), "directory-entries", permissions.edit_directory, "entries", entries_to_verify),
    Entry(Group.HELP, _("Beds"), "beds", permissions.find_beds, "beds", waiting_placements),
    Entry(Group.HELP, _("Our beds"), "house", permissions.run_house, "beds", waiting_placements),
    Entry(Group.HELP, _("Shelters"), "houses", permissions.approve_placements, "houses"),
    Entry(Group.HELP, _("Referrals"), "referrals", permissions.follow_cases, "referrals", late_referrals),
    Entry(Group.HELP, _("Answered by programs"), "joined", permissions.supervise, "joined"),
    Entry(Group.REPORTS, _("Police reports"), "reports", permissions.read_reports, "reports", waiting_reports),
    Entry(Group.REPORTS, _("Units and their places"), "units", permissions.supervise, "units"),
    Entry(Group.FLOOR, _("The line now"), "wallboard", permissions.supervise, "wallboard"),
    Entry(Group.FLOOR, _("Shifts"), "roster", permissions.take_calls, "roster"),
    Entry(Group.FLOOR, _("Shift hand-over"), "hand-over", permissions.take_calls, "hand-over", shift_hand_overs),
    Entry(Group.FLOOR, _("Practice"), "practices", permissions.take_calls, "practice"),
    Entry(Group.FLOOR, _("Quality"), "quality", permissions.take_calls, "quality", waiting_reviews),
    Entry(Group.FLOOR, _("Wellbeing"), "wellbeing", permissions.take_calls, "wellbeing", offered_debriefs),
    Entry(Group.FLOOR, _("Month"), "month", permissions.supervise, "month"),
    Entry(Group.PROGRAMME, _("Campaigns"), "campaigns", permissions.run_campaigns, "campaigns"),
    Entry(Group.PROGRAMME, _("Events"), "events", permissions.run_campaigns, "events", overdue_pledges),
    Entry(Group.PROGRAMME, _("Testimonies"), "testimonies", permissions.run_campaigns, "testimonies"),
    Entry(Group.PROGRAMME, _("Plan of action"), "plans", permissions.follow_plan, "plans", waiting_in_plan),
    Entry(Group.PROGRAMME, _("Laws"), "laws", permissions.follow_plan, "laws"),
    Entry(Group.PROGRAMME, _("News"), "notes", permissions.write_news, "notes", notes_to_publish),
    Entry(Group.PROGRAMME, _("Public pages"), "texts", permissions.write_news, "texts", texts_to_review),
    Entry(Group.FIGURES, _("Published figures"), "editions", permissions.publish, "editions"),
    Entry(Group.FIGURES, _("Analyse"), "analysis", permissions.analyse, "analysis"),
    Entry(Group.FIGURES, _("Numbers about the country"), "cited-figures", permissions.analyse, "cited-figures"),
    Entry(Group.FIGURES, _("Hidden people"), "estimates", permissions.publish, "estimates"),
    Entry(Group.MORE, _("Contacts"), "contacts", permissions.take_calls, "contacts", icon="chat"),
    Entry(Group.MORE, _("Return codes"), "return-codes", permissions.follow_cases, "codes", code_messages, icon="key"),
    Entry(Group.MORE, _("Data requests"), "requests", permissions.supervise, "requests", data_requests, icon="seal"),
    Entry(Group.MORE, _("Cases as files"), "exchange", permissions.supervise, "exchange", icon="note"),
    Entry(Group.MORE, _("Unusual access"), "alerts", permissions.watch, "alerts", alerts, icon="bell", live="bar"),
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

    @property
    def waiting_in_menu(self) -> int:
        return sum(link.number or 0 for link in self.menu)

    @property
    def is_in_menu(self) -> bool:
        return any(link.is_current for link in self.menu)

    @classmethod
    def of(cls, user: User, room: str, now: datetime) -> Self:
        entries = [entry for entry in ENTRIES if entry.may(user)]
        numbers = count_waiting(entries, user, now)
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
        return cls(places, menu, tabs, current[0].group.label if tabs else "")


def count_waiting(entries: Iterable[Entry], user: User, now: datetime) -> dict[Entry, int]:
    """Count what waits in each entry, in one statement. Rows beyond `AT_MOST` are not counted."""
    counted = [(entry, rows) for entry in entries if entry.waiting for rows in entry.waiting(user, now)]
    if not counted:
        return {}
    if current_actor() is None:  # an error page, after its transaction
        with acting_as(user.acting(), only_reads=True):
            return _count_rows(counted)
    return _count_rows(counted)


def _count_rows(counted: list[tuple[Entry, QuerySet[Any]]]) -> dict[Entry, int]:
    parts: list[str] = []
    values: list[Any] = []
    for _entry, rows in counted:
        sql, parameters = rows.order_by().values("pk")[:AT_MOST].query.sql_with_params()
        parts.append(f"(select count(*) from ({sql}) as waiting)")
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(parts)}", values)
        found = cursor.fetchone()
    numbers: dict[Entry, int] = {}
    for (entry, _rows), number in zip(counted, found or (), strict=True):
        numbers[entry] = numbers.get(entry, 0) + number
    return numbers


def _link_of_group(group: Group, entries: list[Entry], numbers: dict[Entry, int], room: str) -> Link:
    """A group as one link, under its own name or that of its only entry."""
    first = entries[0]
    counted = [numbers[entry] for entry in entries if entry in numbers]
    label = group.label if len(entries) > 1 else first.label
    is_current = any(entry.room == room for entry in entries)
    return Link(label, group.icon, first.address, sum(counted) if counted else None, is_current)


def _link_of_entry(entry: Entry, numbers: dict[Entry, int], room: str) -> Link:
    icon = entry.icon or entry.group.icon
    return Link(entry.label, icon, entry.address, numbers.get(entry), entry.room == room, entry.live)

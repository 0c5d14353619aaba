"""Charts on homes.

A supervisor holds the key of every contact, so a supervisor's charts show exact counts. A publisher opens no file:
their charts show what is published, rounded and with small counts hidden (decision 0019).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from django.core.cache import caches
from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Left, TruncWeek
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.care.cases.models import Case, CaseContact
from amparo.care.police_reports.models import Report, ReportEvent
from amparo.care.police_reports.picklists import ReportEventKind
from amparo.figures.publishing.models import Edition
from amparo.figures.snapshot.tables import Table
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.core.charts import Chart, bars_of, hours_of_the_week
from amparo.foundation.core.counts import count_each
from amparo.foundation.core.dates import midnight, monday_of
from amparo.foundation.places import places
from amparo.foundation.vault.models import FOREVER, Grant
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import SUBSTANTIVE, State

WEEKS = 12
KEPT_FROM = 1_000  # contacts
COUNTING = Lock()  # who comes while the line is counted waits, and shows what was counted
MOST = 10_000_000  # cases, and reports: all of twelve weeks


def charts_of(user: User, now: datetime) -> list[Chart]:
    if permissions.supervise(user):
        return _charts_of_the_line(user, now)
    return _published_charts() if permissions.publish(user) else []


@dataclass(frozen=True)
class LineCounts:
    """Contacts since `since`, by week, by weekday and hour, and by department; and what came of them, step by step."""

    since: datetime
    at: datetime  # when they were counted
    weeks: Counter[date]
    hours: Counter[tuple[int, int]]
    departments: Counter[str]
    cases: int
    reports: int
    received: int
    decided: int


def _charts_of_the_line(user: User, now: datetime) -> list[Chart]:
    """Contacts of the last twelve weeks: by week, by hour and weekday, by department; and what came of them."""
    counts = _counts_of_this_hour(user, now)
    if not counts.weeks:
        return []
    first = counts.since.date()
    every_week = [first + timedelta(weeks=n) for n in range(WEEKS)]
    note = _("Substantive contacts of the last twelve weeks that are wrapped up, without practice.")
    if counts.at != now:
        note += " " + _("Counted at %(time)s.") % {"time": date_format(timezone.localtime(counts.at), "H:i")}
    return [
        Chart(_("Contacts by week"), "columns", note, (_("Week from"), _("Contacts")),
              bars_of((date_format(it, "d/m"), counts.weeks[it]) for it in every_week)),
        hours_of_the_week(counts.hours, _("By hour and weekday"), note, _("Contacts")),
        Chart(_("By department"), "rows", note, (_("Department"), _("Contacts")), bars_of(
            (places.place_label(code) if code else _("place not said"), n)
            for code, n in counts.departments.most_common()
        )),
        _outcome_chart(counts),
    ]  # fmt: skip


def _outcome_chart(counts: LineCounts) -> Chart:
    """Return a chart of the contacts, their cases and reports, and the reports that units received and decided."""
    steps = [
        (_("Contacts"), counts.weeks.total()),
        (_("Cases"), counts.cases),
        (_("Police reports"), counts.reports),
        (_("Received by the unit"), counts.received),
        (_("Decided by the unit"), counts.decided),
    ]
    note = _("Cases of these contacts, and the reports of these cases.")
    return Chart(_("From the contact to the answer"), "rows", note, (_("Step"), _("Number")), bars_of(steps))


def _counts_of_this_hour(user: User, now: datetime) -> LineCounts:
    """Return what this process has counted within the hour for all supervisors, or count.

    It is counted once for all who wait. Fewer than `KEPT_FROM` contacts are counted each time: that takes milliseconds.
    """
    since = midnight(monday_of(timezone.localdate(now)) - timedelta(weeks=WEEKS - 1))
    _own, role = user.acting().holders
    key = f"{role}:{since.date().isoformat()}"
    if kept := _kept_counts(key):
        return kept
    with COUNTING:
        counts = _kept_counts(key) or _count_line(role, since, now)
        if counts.weeks.total() >= KEPT_FROM:
            caches["counts"].add(key, counts)
    return counts


def _kept_counts(key: str) -> LineCounts | None:
    kept: LineCounts | None = caches["counts"].get(key)
    return kept


def _count_line(role: str, since: datetime, now: datetime) -> LineCounts:
    """Count what this role holds for good: `role` is a key holder."""
    contacts = Contact.objects.filter(
        _holds_for_good(role), started__gte=since, state=State.WRAPPED, type__in=SUBSTANTIVE, practice_of=None
    )
    counted = (
        contacts.order_by()
        .annotate(
            week=TruncWeek("started"),
            day=ExtractIsoWeekDay("started"),
            hour=ExtractHour("started"),
            department=Left("ubigeo", 2),
        )
        .values_list("week", "day", "hour", "department")
        .annotate(number=Count("pk"))
    )
    weeks, hours, departments = Counter[date](), Counter[tuple[int, int]](), Counter[str]()
    for week, day, hour, department, number in counted:
        weeks[week.date()] += number
        hours[day, hour] += number
        departments[department] += number
    included = CaseContact.objects.filter(contact__started__gte=since)
    cases = Case.objects.filter(_holds_for_good(role), pk__in=included.values("case"))
    reports = Report.objects.filter(_holds_for_good(role), case__in=cases.values("pk"))
    received, decided = (
        reports.filter(Exists(ReportEvent.objects.filter(report=OuterRef("pk"), kind=kind)))
        for kind in (ReportEventKind.RECEIVED, ReportEventKind.DECIDED)
    )
    steps = count_each(cases, reports, received, decided, at_most=MOST)
    return LineCounts(since, now, weeks, hours, departments, *steps)


def _holds_for_good(role: str) -> Exists:
    """Return the condition that everybody of the role holds the key of the row without an end.

    What one person alone may see, or what is seen on a basis or for a time, is not counted: the count is kept, and
    colleagues see it.
    """
    return Exists(Grant.objects.filter(key=OuterRef("key"), holder=role, basis=None, expires_at=FOREVER))


def _published_charts() -> list[Chart]:
    """Return charts of what is published: the total of each edition, and the departments of the last one."""
    found = {edition.first_day: edition for edition in Edition.objects.published().order_by("first_day", "pk")}
    editions = list(found.values())[-WEEKS:]  # the latest correction of each
    if not editions:
        return []
    total = [(it.period.short_label, (it.document or {})["tables"][Table.BY_TYPE.value]["total"]) for it in editions]
    cells = (editions[-1].document or {})["tables"][Table.BY_DEPARTMENT.value]["cells"]
    rows = sorted(cells.items(), key=lambda it: -(it[1] or 0))
    note = _("As published: rounded, and without counts below ten.")
    return [
        Chart(_("Contacts by edition"), "rows", note, (_("Period"), _("Contacts")), bars_of(total)),
        Chart(_("By department, %(quarter)s") % {"quarter": editions[-1].period}, "rows", note,
              (_("Department"), _("Contacts")),
              bars_of((places.place_label(code) or _("place not said"), n) for code, n in rows)),
    ]  # fmt: skip

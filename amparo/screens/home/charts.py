"""Charts on homes.

A supervisor holds the key of every contact, so a supervisor's charts show exact counts. A publisher opens no file:
their charts show what is published, rounded and with small counts hidden (decision 0019).
"""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Left, TruncWeek
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from amparo.care.cases.models import Case
from amparo.care.police_reports.models import Report
from amparo.care.police_reports.picklists import ReportEventKind
from amparo.figures.publishing.models import Edition
from amparo.figures.snapshot.tables import Table
from amparo.foundation.access import permissions
from amparo.foundation.access.models import User
from amparo.foundation.core.charts import Chart, bars_of, hours_of_the_week
from amparo.foundation.core.dates import midnight, monday_of
from amparo.foundation.places import places
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import SUBSTANTIVE, State

WEEKS = 12


def charts_of(user: User, now: datetime) -> list[Chart]:
    if permissions.supervise(user):
        return _charts_of_the_line(user, now)
    return _published_charts() if permissions.publish(user) else []


def _charts_of_the_line(user: User, now: datetime) -> list[Chart]:
    """Contacts of the last twelve weeks: by week, by hour and weekday, by department; and what came of them."""
    since = midnight(monday_of(timezone.localdate(now)) - timedelta(weeks=WEEKS - 1))
    contacts = Contact.objects.visible_to(user).filter(
        started__gte=since, state=State.WRAPPED, type__in=SUBSTANTIVE, practice_of=None
    )
    counted = list(
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
    if not counted:
        return []
    weeks, hours, departments = Counter[date](), Counter[tuple[int, int]](), Counter[str]()
    for week, day, hour, department, number in counted:
        weeks[week.date()] += number
        hours[day, hour] += number
        departments[department] += number
    first = since.date()
    every_week = [first + timedelta(weeks=n) for n in range(WEEKS)]
    note = _("Substantive contacts of the last twelve weeks that are wrapped up, without practice.")
    return [
        Chart(_("Contacts by week"), "columns", note, (_("Week from"), _("Contacts")),
              bars_of((date_format(it, "d/m"), weeks[it]) for it in every_week)),
        hours_of_the_week(hours, _("By hour and weekday"), note, _("Contacts")),
        Chart(_("By department"), "rows", note, (_("Department"), _("Contacts")), bars_of(
            (places.place_label(code) if code else _("place not said"), n) for code, n in departments.most_common()
        )),
        _outcome_chart(user, since, sum(weeks.values())),
    ]  # fmt: skip


def _outcome_chart(user: User, since: datetime, contacts: int) -> Chart:
    """Return a chart of the contacts since `since`, their cases and reports, and the reports that units received and
    decided.
    """
    cases = Case.objects.visible_to(user).filter(inclusions__contact__started__gte=since).distinct()
    reports = Report.objects.visible_to(user).filter(case__in=cases.values("pk"))
    steps = [
        (_("Contacts"), contacts),
        (_("Cases"), cases.count()),
        (_("Police reports"), reports.count()),
        (_("Received by the unit"), reports.filter(steps__kind=ReportEventKind.RECEIVED).distinct().count()),
        (_("Decided by the unit"), reports.filter(steps__kind=ReportEventKind.DECIDED).distinct().count()),
    ]
    note = _("Cases of these contacts, and the reports of these cases.")
    return Chart(_("From the contact to the answer"), "rows", note, (_("Step"), _("Number")), bars_of(steps))


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

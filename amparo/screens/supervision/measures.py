"""What the month counts: the values of its measures in a span of time."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, Left
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from amparo.foundation.core.charts import COLUMN, NARROW, Chart, bars_of, hours_of_the_week
from amparo.foundation.places.places import place_label
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Channel, Type
from amparo.line.roster.cover import local_hour
from amparo.line.switchboard.models import Language
from amparo.line.switchboard.tally import ANSWERED, COUNTS, TIMES, line_calls

from .definitions import CONTACTS, DONE, MEASURES, WRITTEN, Measure
from .done import what_was_done
from .written import WRITTEN_COUNTS, WRITTEN_TIMES, written_conversations

HOURS = range(24)
# A call has one contact, so joining it counts no call twice.
WRAPPED = ExpressionWrapper(F("contacts__wrapped_at") - F("ended_at"), output_field=DurationField())
CLOSED_AFTERWARDS = Q(contacts__chat=None, contacts__wrapped_at__gte=F("ended_at"))
WRAP_UP: dict[str, Any] = {"mean_wrap_up": Avg(WRAPPED, filter=ANSWERED & CLOSED_AFTERWARDS)}


IN_TABLES = (
    "offered",
    "answered",
    "in_time",
    "abandoned",
    "mean_wait",
    "wait_of_nine_in_ten",
    "mean_talk",
    "mean_wrap_up",
)


@dataclass(frozen=True)
class Value:
    measure: Measure
    value: int | timedelta | None  # None: there is no call to measure

    @property
    def seconds(self) -> int | None:
        """The value as a number: a count, or whole seconds."""
        return round(self.value.total_seconds()) if isinstance(self.value, timedelta) else self.value

    @property
    def unit(self) -> str:
        if self.measure.name in WRITTEN_COUNTS:
            return _("conversations")
        if self.measure.unit:
            return str(self.measure.unit)
        return _("calls") if self.measure.name in COUNTS else _("seconds")

    @property
    def text(self) -> str:
        """The value as people read it: a count, or minutes and seconds."""
        if not isinstance(self.value, timedelta):
            return "—" if self.value is None else str(self.value)
        minutes, seconds = divmod(round(self.value.total_seconds()), 60)
        return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


@dataclass(frozen=True)
class Line:
    """One row of a table, such as an hour, a language or a department."""

    label: str
    values: list[Value]


@dataclass(frozen=True)
class WorkOfDays:
    """The work of the line in a month, or on other days in a row."""

    first: date
    end: date  # the first day after it
    counted_at: datetime
    total: list[Value]
    by_hour: list[Line]
    by_weekday_and_hour: Counter[tuple[int, int]]  # offered calls, by ISO weekday and hour
    by_language: list[Line]
    written: list[Value]
    by_channel: list[Line]  # in writing
    contacts: list[tuple[str, list[Line]]]  # by what they were, and by place
    done: list[Value]

    @property
    def is_month(self) -> bool:
        return self.first.day == 1 and self.end == _next_month(self.first)

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def name(self) -> str:
        """The month or the days, as part of a file's name."""
        return f"{self.first:%Y-%m}" if self.is_month else f"{self.first:%Y-%m-%d}_{self.last:%Y-%m-%d}"

    @property
    def title(self) -> str:
        if self.is_month:
            return capfirst(date_format(self.first, "F Y"))
        first, last = (date_format(day, "DATE_FORMAT") for day in (self.first, self.last))
        return first if self.first == self.last else _("%(first)s to %(last)s") % {"first": first, "last": last}

    @property
    def address(self) -> str:
        """The query string of a page of these days."""
        return f"month={self.first:%Y-%m}" if self.is_month else f"from={self.first}&to={self.last}"

    @property
    def before(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date | None:
        """The first day of the next month. None: it has not begun."""
        after = _next_month(self.first)
        return after if after <= timezone.localdate(self.counted_at) else None

    @property
    def tables(self) -> list[tuple[str, list[Line]]]:
        return [(_("By hour of arrival"), self.by_hour), (_("By language"), self.by_language)]

    @property
    def columns(self) -> list[Measure]:
        return [each for each in MEASURES if each.name in IN_TABLES]

    @property
    def chart(self) -> Chart:
        """Offered calls by hour of arrival."""
        return self._hours_chart(COLUMN)

    @property
    def narrow_chart(self) -> Chart:
        return self._hours_chart(NARROW)

    def _hours_chart(self, column: int) -> Chart:
        offered = MEASURES[0]
        bars = bars_of(((line.label[:2], line.values[0].seconds) for line in self.by_hour), column)
        heads = (_("Hour"), str(offered.label))
        return Chart(_("Offered calls by hour of arrival"), "columns", str(offered.definition), heads, bars)

    @property
    def week_chart(self) -> Chart:
        """Offered calls by hour of the week."""
        offered = MEASURES[0]
        title = _("Offered calls by weekday and hour")
        return hours_of_the_week(self.by_weekday_and_hour, title, str(offered.definition), str(offered.label))

    @property
    def contact_charts(self) -> list[Chart]:
        """Contacts by what they were, and by department. Small numbers are shown: the page is not for the public."""
        return [
            Chart(title, "rows", str(CONTACTS.definition), (title, str(CONTACTS.label)),
                  bars_of((line.label, line.values[0].seconds) for line in lines))
            for title, lines in self.contacts
            if lines
        ]  # fmt: skip

    def csv_rows(self) -> Iterator[list[Any]]:
        """The month as rows of one long table, with a head."""
        yield [_("Days"), _("Table"), _("Row"), _("Measure"), _("Value"), _("Unit of measurement"), _("Definition")]
        everything = [
            (_("In all"), [Line(_("In all"), self.total + self.written)]), *self.tables,
            (_("In writing, by channel"), self.by_channel), *self.contacts,
            (_("What was done"), [Line(_("In all"), self.done)]),
        ]  # fmt: skip
        for table, lines in everything:
            for line in lines:
                for each in line.values:
                    value = "" if each.seconds is None else each.seconds
                    yield [
                        self.name, table, line.label, each.measure.label, value, each.unit,
                        each.measure.definition,
                    ]  # fmt: skip


def work_of_month(first: date, now: datetime) -> WorkOfDays:
    """Count the work of the month that begins on `first`."""
    return work_of_days(first, _next_month(first), now)


def work_of_days(first: date, end: date, now: datetime) -> WorkOfDays:
    """Count the calls and conversations that began from `first` until before `end`, and what was done then."""
    calls = line_calls(local_hour(first), local_hour(end))
    everything = COUNTS | TIMES | WRAP_UP
    hour = ExtractHour("arrived_at", tzinfo=timezone.get_current_timezone())
    hours = {row["hour"]: row for row in calls.order_by().annotate(hour=hour).values("hour").annotate(**everything)}
    weekday = ExtractIsoWeekDay("arrived_at", tzinfo=timezone.get_current_timezone())
    week = calls.order_by().annotate(day=weekday, hour=hour).values("day", "hour").annotate(number=Count("pk"))
    languages = {row["language"]: row for row in calls.order_by().values("language").annotate(**everything)}
    return WorkOfDays(
        first, end, now, _values(calls.aggregate(**everything), MEASURES),
        [Line(f"{hour:02}:00–{hour:02}:59", _values_in_table(hours.get(hour))) for hour in HOURS],
        Counter({(row["day"], row["hour"]): row["number"] for row in week}),
        [Line(str(Language(code).label), _values_in_table(languages.get(code))) for code in Language.values],
        *_written_work(first, end), contacts_by_type_and_place(first, end),
        _values(what_was_done(local_hour(first), local_hour(end)), DONE),
    )  # fmt: skip


def contacts_by_type_and_place(first: date, end: date) -> list[tuple[str, list[Line]]]:
    """Count the contacts that began from `first` until before `end`: a table by type and one by department.

    The most frequent come first.
    """
    began = Contact.objects.real().filter(started__gte=local_hour(first), started__lt=local_hour(end)).order_by()
    types = began.values_list("type").annotate(number=Count("pk")).order_by("-number", "type")
    departments = began.annotate(department=Left("ubigeo", 2)).values_list("department")
    places = departments.annotate(number=Count("pk")).order_by("-number", "department")
    labels = dict(Type.choices)
    return [
        (_("Contacts, by what they were"),
         [_contact_line(str(labels.get(word, "")) or _("not closed yet"), number) for word, number in types]),
        (_("Contacts, by department"),
         [_contact_line(place_label(code) or _("not said"), number) for code, number in places]),
    ]  # fmt: skip


def _contact_line(label: str, number: int) -> Line:
    return Line(label, [Value(CONTACTS, number)])


def _written_work(first: date, end: date) -> tuple[list[Value], list[Line]]:
    """Return the values of the conversations in writing: in all, and by channel."""
    begun = written_conversations(local_hour(first), local_hour(end)).order_by()
    everything = WRITTEN_COUNTS | WRITTEN_TIMES
    channels = begun.values("channel").annotate(**everything)
    return _values(begun.aggregate(**everything), WRITTEN), [
        Line(str(Channel(row["channel"]).label), _values(row, WRITTEN))
        for row in sorted(channels, key=lambda row: Channel.values.index(row["channel"]))
    ]


def _values_in_table(row: Mapping[str, Any] | None) -> list[Value]:
    return _values(row or dict.fromkeys(COUNTS, 0), tuple(each for each in MEASURES if each.name in IN_TABLES))


def _values(row: Mapping[str, Any], measures: tuple[Measure, ...]) -> list[Value]:
    return [Value(each, row.get(each.name)) for each in measures]


def _next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)

"""What the month counts: each measure with its definition, and the values of a span of time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractHour, Left
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.core.charts import Chart, bars_of
from amparo.foundation.places.places import named
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Channel, Type
from amparo.line.roster.cover import local
from amparo.line.switchboard.models import Language
from amparo.line.switchboard.tally import COUNTS, TIMES, line_calls

from .written import WRITTEN_COUNTS, WRITTEN_TIMES, written_conversations

HOURS = range(24)


@dataclass(frozen=True)
class Measure:
    name: str
    label: str | Promise
    definition: str | Promise


MEASURES = (
    Measure(
        "offered",
        gettext_lazy("Offered"),
        gettext_lazy("Calls to the line that reached the queue. Who hung up during the opening words is not counted."),
    ),
    Measure(
        "answered",
        gettext_lazy("Answered"),
        gettext_lazy("Offered calls that an operator answered."),
    ),
    Measure(
        "in_time",
        gettext_lazy("Answered within 20 s"),
        gettext_lazy("Offered calls answered at most 20 seconds after they reached the queue."),
    ),
    Measure(
        "abandoned",
        gettext_lazy("Abandoned"),
        gettext_lazy("Offered calls in which the caller hung up before anybody answered, and left no message."),
    ),
    Measure(
        "left_message",
        gettext_lazy("Left a message"),
        gettext_lazy("Offered calls that ended with a number or words to call back, before anybody answered."),
    ),
    Measure(
        "cut_off",
        gettext_lazy("Cut off"),
        gettext_lazy("Offered calls that a fault of the network or of the switchboard ended before anybody answered."),
    ),
    Measure(
        "still_waiting",
        gettext_lazy("Still waiting"),
        gettext_lazy("Offered calls that nobody has answered and that have not ended."),
    ),
    Measure(
        "mean_wait",
        gettext_lazy("Mean wait"),
        gettext_lazy("From reaching the queue to the answer. Mean of the answered calls."),
    ),
    Measure(
        "wait_of_nine_in_ten",
        gettext_lazy("Nine in ten waited at most"),
        gettext_lazy("The shortest wait that nine in ten answered calls did not exceed (90th percentile)."),
    ),
    Measure(
        "longest_wait",
        gettext_lazy("Longest wait"),
        gettext_lazy("The longest wait of an answered call."),
    ),
    Measure(
        "mean_talk",
        gettext_lazy("Mean talk"),
        gettext_lazy(
            "From the answer to the end of the call, holds included. Mean of the answered calls that have ended."
        ),
    ),
    Measure(
        "median_talk",
        gettext_lazy("Half talked at most"),
        gettext_lazy("The shortest talk that half of the answered calls that have ended did not exceed (median)."),
    ),
)
WRITTEN = (
    Measure(
        "written",
        gettext_lazy("In writing"),
        gettext_lazy(
            "Conversations that began in writing, by chat, e-mail, text message or WhatsApp. Calls are apart."
        ),
    ),
    Measure(
        "written_answered",
        gettext_lazy("Answered in writing"),
        gettext_lazy("Conversations in writing that somebody of the line took."),
    ),
    Measure(
        "written_unanswered",
        gettext_lazy("Ended unanswered"),
        gettext_lazy("Conversations in writing that ended before anybody took them."),
    ),
    Measure(
        "written_waiting",
        gettext_lazy("Waiting in writing"),
        gettext_lazy("Conversations in writing that nobody has taken and that have not ended."),
    ),
    Measure(
        "written_mean_wait",
        gettext_lazy("Mean wait in writing"),
        gettext_lazy("From the first message to the moment in which somebody took it. Mean of those answered."),
    ),
    Measure(
        "written_nine_in_ten",
        gettext_lazy("Nine in ten waited in writing"),
        gettext_lazy("The shortest wait that nine in ten answered conversations did not exceed (90th percentile)."),
    ),
)
IN_TABLES = ("offered", "answered", "in_time", "abandoned", "mean_wait", "wait_of_nine_in_ten", "mean_talk")


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
        if self.measure is CONTACTS:
            return _("contacts")
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
    """One row of a table: an hour or a language."""

    label: str
    values: list[Value]


CONTACTS = Measure(
    "contacts",
    gettext_lazy("Contacts"),
    gettext_lazy("Conversations recorded that began on these days, by any channel, also those entered by hand later."),
)


@dataclass(frozen=True)
class Month:
    """The work of the line in a month, or on other days in a row."""

    first: date
    end: date  # the first day after it
    counted_at: datetime
    total: list[Value]
    by_hour: list[Line]
    by_language: list[Line]
    written: list[Value]
    by_channel: list[Line]  # in writing
    contacts: list[tuple[str, list[Line]]]  # by what they were, and by place

    @property
    def is_month(self) -> bool:
        return self.first.day == 1 and self.end == _next(self.first)

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def name(self) -> str:
        """For files."""
        return f"{self.first:%Y-%m}" if self.is_month else f"{self.first:%Y-%m-%d}_{self.last:%Y-%m-%d}"

    @property
    def title(self) -> str:
        if self.is_month:
            return capfirst(date_format(self.first, "F Y"))
        first, last = (date_format(day, "DATE_FORMAT") for day in (self.first, self.last))
        return first if self.first == self.last else _("%(first)s to %(last)s") % {"first": first, "last": last}

    @property
    def address(self) -> str:
        """What stands after the question mark."""
        return f"month={self.first:%Y-%m}" if self.is_month else f"from={self.first}&to={self.last}"

    @property
    def before(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date | None:
        """None: this month is running."""
        after = _next(self.first)
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
        offered = MEASURES[0]
        bars = bars_of((line.label[:2], line.values[0].seconds) for line in self.by_hour)
        heads = (_("Hour"), str(offered.label))
        return Chart(_("Offered calls by hour of arrival"), "columns", str(offered.definition), heads, bars)

    def csv_rows(self) -> Iterator[list[Any]]:
        """The month as rows of one long table, with a head."""
        yield [_("Days"), _("Table"), _("Row"), _("Measure"), _("Value"), _("Unit"), _("Definition")]
        everything = [
            (_("In all"), [Line(_("In all"), self.total + self.written)]), *self.tables,
            (_("In writing, by channel"), self.by_channel), *self.contacts,
        ]  # fmt: skip
        for table, lines in everything:
            for line in lines:
                for each in line.values:
                    value = "" if each.seconds is None else each.seconds
                    yield [
                        self.name, table, line.label, each.measure.label, value, each.unit,
                        each.measure.definition,
                    ]  # fmt: skip


def month_of(first: date, now: datetime) -> Month:
    """Count the work of the month that begins on `first`."""
    return work_of(first, _next(first), now)


def work_of(first: date, end: date, now: datetime) -> Month:
    """Count what arrived from `first` until before `end`."""
    calls = line_calls(local(first), local(end))
    everything = COUNTS | TIMES
    hour = ExtractHour("arrived_at", tzinfo=timezone.get_current_timezone())
    hours = {row["hour"]: row for row in calls.order_by().annotate(hour=hour).values("hour").annotate(**everything)}
    languages = {row["language"]: row for row in calls.order_by().values("language").annotate(**everything)}
    return Month(
        first, end, now, _values(calls.aggregate(**everything), MEASURES),
        [Line(f"{hour:02}:00–{hour:02}:59", _in_table(hours.get(hour))) for hour in HOURS],
        [Line(str(Language(code).label), _in_table(languages.get(code))) for code in Language.values],
        *_in_writing(first, end), contacts_of(first, end),
    )  # fmt: skip


def contacts_of(first: date, end: date) -> list[tuple[str, list[Line]]]:
    """The contacts that began from `first` until before `end`, by type and by department; the most frequent first."""
    began = Contact.objects.real().filter(started__gte=local(first), started__lt=local(end)).order_by()
    types = began.values_list("type").annotate(number=Count("pk")).order_by("-number", "type")
    departments = began.annotate(department=Left("ubigeo", 2)).values_list("department")
    places = departments.annotate(number=Count("pk")).order_by("-number", "department")
    labels = dict(Type.choices)
    return [
        (_("Contacts, by what they were"),
         [_counted(str(labels.get(word, "")) or _("not closed yet"), number) for word, number in types]),
        (_("Contacts, by department"), [_counted(named(code) or _("not said"), number) for code, number in places]),
    ]  # fmt: skip


def _counted(label: str, number: int) -> Line:
    return Line(label, [Value(CONTACTS, number)])


def _in_writing(first: date, end: date) -> tuple[list[Value], list[Line]]:
    """The conversations in writing: in all, and by channel."""
    begun = written_conversations(local(first), local(end)).order_by()
    everything = WRITTEN_COUNTS | WRITTEN_TIMES
    channels = begun.values("channel").annotate(**everything)
    return _values(begun.aggregate(**everything), WRITTEN), [
        Line(str(Channel(row["channel"]).label), _values(row, WRITTEN))
        for row in sorted(channels, key=lambda row: Channel.values.index(row["channel"]))
    ]


def _in_table(row: Mapping[str, Any] | None) -> list[Value]:
    return _values(row or dict.fromkeys(COUNTS, 0), tuple(each for each in MEASURES if each.name in IN_TABLES))


def _values(row: Mapping[str, Any], measures: tuple[Measure, ...]) -> list[Value]:
    return [Value(each, row.get(each.name)) for each in measures]


def _next(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)

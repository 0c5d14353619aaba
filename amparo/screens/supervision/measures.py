"""What the month counts: each measure with its definition, and the values of a span of time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models.functions import ExtractHour
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.core.charts import Chart, bars_of
from amparo.line.roster.cover import local
from amparo.line.switchboard.models import Language
from amparo.line.switchboard.tally import COUNTS, TIMES, line_calls

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


@dataclass(frozen=True)
class Month:
    first: date
    counted_at: datetime
    total: list[Value]
    by_hour: list[Line]
    by_language: list[Line]

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
        yield [_("Month"), _("Table"), _("Row"), _("Measure"), _("Value"), _("Unit"), _("Definition")]
        everything = [(_("In all"), [Line(_("In all"), self.total)]), *self.tables]
        for table, lines in everything:
            for line in lines:
                for each in line.values:
                    value = "" if each.seconds is None else each.seconds
                    yield [
                        f"{self.first:%Y-%m}", table, line.label, each.measure.label, value, each.unit,
                        each.measure.definition,
                    ]  # fmt: skip


def month_of(first: date, now: datetime) -> Month:
    """Count the calls that arrived in the month that begins on `first`."""
    calls = line_calls(local(first), local(_next(first)))
    everything = COUNTS | TIMES
    hour = ExtractHour("arrived_at", tzinfo=timezone.get_current_timezone())
    hours = {row["hour"]: row for row in calls.order_by().annotate(hour=hour).values("hour").annotate(**everything)}
    languages = {row["language"]: row for row in calls.order_by().values("language").annotate(**everything)}
    return Month(
        first, now, _values(calls.aggregate(**everything), MEASURES),
        [Line(f"{hour:02}:00–{hour:02}:59", _in_table(hours.get(hour))) for hour in HOURS],
        [Line(str(Language(code).label), _in_table(languages.get(code))) for code in Language.values],
    )  # fmt: skip


def _in_table(row: Mapping[str, Any] | None) -> list[Value]:
    return _values(row or dict.fromkeys(COUNTS, 0), tuple(each for each in MEASURES if each.name in IN_TABLES))


def _values(row: Mapping[str, Any], measures: tuple[Measure, ...]) -> list[Value]:
    return [Value(each, row.get(each.name)) for each in measures]


def _next(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)

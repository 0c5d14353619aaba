"""The head of a month: one sentence, five numbers with their change and target, and three pictures."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.care.cases.models import Case
from amparo.foundation.core.charts import NARROW, Chart, bars_of
from amparo.line.roster.cover import local_hour
from amparo.line.roster.models import StaffingRules
from amparo.line.switchboard.tally import COUNTS, line_calls

from .definitions import DONE, MEASURES, WRITTEN, Measure
from .measures import WorkOfDays
from .written import written_conversations

BY_NAME: Mapping[str, Measure] = {each.name: each for each in (*MEASURES, *WRITTEN, *DONE)}
MOST_DAYS = 31  # in the picture of days
MEASURED_SECONDS = 20  # of `in_time`; a line with another target is shown none


@dataclass(frozen=True)
class Counted:
    """What the five numbers are made of, for one month."""

    offered: int
    answered: int
    in_time: int
    abandoned: int
    written: int
    cases: int


@dataclass(frozen=True)
class Headline:
    """One of the five numbers."""

    label: str | Promise
    definition: str | Promise
    value: int | str | None  # None: there was no call
    sign: str = ""
    change: str = ""  # since the month before, in words; blank: there is nothing to compare with
    target: str = ""
    is_met: bool = True

    @property
    def tone(self) -> str:
        return "good" if self.is_met else "wait"


@dataclass(frozen=True)
class Sheet:
    sentence: str
    numbers: list[Headline]
    charts: list[Chart]


def sheet_of(month: WorkOfDays) -> Sheet:
    """Return the head of these days. Only a month that is over is compared with the month before."""
    found = {each.measure.name: each.value for each in (*month.total, *month.written, *month.done)}
    now = Counted(**{name: int(found[name] or 0) for name in Counted.__annotations__})  # type: ignore[arg-type]  # counts
    is_over = month.is_month and month.end <= timezone.localdate(month.counted_at)
    before = _count(month.before, month.first) if is_over else None
    if before == Counted(0, 0, 0, 0, 0, 0):  # the line was not open yet
        before = None
    name = date_format(month.before, "F")
    rules = StaffingRules.current()
    days = [_by_day(month)] if 1 < (month.end - month.first).days <= MOST_DAYS else []
    reasons = month.contact_charts[:1] if month.contacts[0][1] else []
    return Sheet(
        _sentence(now, before, name), _numbers(now, before, name, rules), [*days, month.narrow_chart, *reasons]
    )


def _count(first: date, end: date) -> Counted:
    start, stop = local_hour(first), local_hour(end)
    names = ("offered", "answered", "in_time", "abandoned")
    calls = line_calls(start, stop).order_by().aggregate(**{name: COUNTS[name] for name in names})
    cases = Case.objects.filter(opened_at__gte=start, opened_at__lt=stop).count()
    return Counted(**calls, written=written_conversations(start, stop).count(), cases=cases)


def _sentence(now: Counted, before: Counted | None, name: str) -> str:
    arrived = ngettext("%(number)s call reached the line", "%(number)s calls reached the line", now.offered)
    words = arrived % {"number": now.offered}
    if before and (change := _change(now.offered, before.offered, name)):
        words = f"{words}, {change}"
    if not now.offered:
        return f"{words}."
    share = _(
        "of every hundred, %(in_time)s were answered within 20 seconds, and in %(abandoned)s the caller hung up first."
    )
    values = {"in_time": _percent(now.in_time, now.offered), "abandoned": _percent(now.abandoned, now.offered)}
    return f"{words}; {share % values}"


def _numbers(now: Counted, before: Counted | None, name: str, rules: StaffingRules) -> list[Headline]:
    targets = {"in_time": _("target: %(percent)s %%") % {"percent": rules.percent},
               "abandoned": _("target: at most %(percent)s %%") % {"percent": rules.most_abandoned}}  # fmt: skip

    def counted(measure: str) -> Headline:
        each, value = BY_NAME[measure], getattr(now, measure)
        return Headline(
            each.label, each.definition, value, change=_change(value, getattr(before, measure), name) if before else ""
        )

    def percent(measure: str, limit: int, *, at_least: bool) -> Headline:
        each, share = BY_NAME[measure], _share(getattr(now, measure), now.offered)
        if share is None:
            return Headline(each.label, each.definition, None, "%")
        is_met = share >= limit if at_least else share <= limit
        then = _share(getattr(before, measure), before.offered) if before else None
        target = "" if at_least and rules.seconds != MEASURED_SECONDS else targets[measure]
        value = _beside(share, limit, is_met, at_least) if target else round(share)
        return Headline(each.label, each.definition, value, "%", _points(share, then, name), target, is_met)

    return [
        counted("answered"), percent("in_time", rules.percent, at_least=True),
        percent("abandoned", rules.most_abandoned, at_least=False), counted("written"), counted("cases"),
    ]  # fmt: skip


def _share(part: int, total: int) -> Fraction | None:
    return Fraction(100 * part, total) if total else None


def _percent(part: int, total: int) -> int | None:
    share = _share(part, total)
    return None if share is None else round(share)


def _beside(share: Fraction, limit: int, is_met: bool, at_least: bool) -> int | str:
    """Return the share in whole percent; with one decimal if whole percent would hide that a target was missed."""
    if is_met or round(share) != limit:
        return round(share)
    tenths = math.floor(10 * share) if at_least else math.ceil(10 * share)
    return number_format(Decimal(tenths) / 10, 1)


def _change(value: int, before: int, name: str) -> str:
    number = value - before
    if number == 0:
        return _("as many as in %(month)s") % {"month": name}
    words = (
        ngettext("%(number)s more than in %(month)s", "%(number)s more than in %(month)s", number)
        if number > 0
        else ngettext("%(number)s fewer than in %(month)s", "%(number)s fewer than in %(month)s", -number)
    )
    return words % {"number": abs(number), "month": name}


def _points(value: Fraction, before: Fraction | None, name: str) -> str:
    if before is None:
        return ""
    number = round(abs(value - before))
    if number == 0:
        return _("the same as in %(month)s") % {"month": name}
    words = (
        ngettext("%(number)s point more than in %(month)s", "%(number)s points more than in %(month)s", number)
        if value > before
        else ngettext("%(number)s point less than in %(month)s", "%(number)s points less than in %(month)s", number)
    )
    return words % {"number": number, "month": name}


def _by_day(month: WorkOfDays) -> Chart:
    """Offered calls by day of arrival."""
    day = TruncDate("arrived_at", tzinfo=timezone.get_current_timezone())
    calls = line_calls(local_hour(month.first), local_hour(month.end)).order_by()
    counted = Counter(dict(calls.annotate(day=day).values_list("day").annotate(number=Count("pk"))))
    days = [month.first + timedelta(days=n) for n in range((month.end - month.first).days)]
    offered = BY_NAME["offered"]
    bars = bars_of(((str(each.day), counted[each]) for each in days), NARROW)
    return Chart(_("Offered calls by day"), "columns", str(offered.definition), (_("Day"), str(offered.label)), bars)

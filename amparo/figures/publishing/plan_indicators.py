"""Automatic indicators of the plan of action: the worker copies published values, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from amparo.figures.snapshot.months import Month, Quarter
from amparo.figures.snapshot.tables import Table
from amparo.programme.plan.picklists import Frequency, PublishedMeasure
from amparo.programme.plan.rules import fill_indicator, indicators_to_fill

from .analysis.answers import Published
from .analysis.periods import Period

TOTAL = "total"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Figure:
    """One published number of a period. `value` is None if it is published as "not shown"."""

    period: Period
    value: int | None
    editions: tuple[int, ...]
    without: tuple[str, ...]  # codes of months and quarters that a year leaves out: they have too few people
    uncounted: tuple[str, ...]  # codes of months and quarters that a year leaves out: this was not counted yet

    @property
    def as_of(self) -> date:
        part = self.period.part
        return part.first_day_after - DAY if part else date(self.period.last, 12, 31)

    @property
    def evidence(self) -> str:
        numbers = ", ".join(map(str, self.editions))
        return _("Published figures of %(period)s, edition %(numbers)s") % {"period": self.period, "numbers": numbers}

    def as_json(self, measure: PublishedMeasure) -> dict[str, Any]:
        return {
            "measure": measure.value, "period": self.period.code, "editions": list(self.editions),
            "without": list(self.without), **({"uncounted": list(self.uncounted)} if self.uncounted else {}),
        }  # fmt: skip


def fill_indicators(now: datetime) -> int:
    """Write every published figure for which an indicator waits. Returns how many were new.

    A corrected edition adds its figure, which supersedes the former one. Figures as of the day of the baseline or
    earlier are left out.
    """
    waiting = list(indicators_to_fill())
    published = Published.read() if waiting else Published({}, {})
    written = [
        fill_indicator(
            indicator, figure.as_json(PublishedMeasure(indicator.measure)), figure.value, as_of=figure.as_of,
            evidence=figure.evidence, now=now,
        )
        for indicator in waiting
        for figure in published_values(published, PublishedMeasure(indicator.measure), Frequency(indicator.frequency))
        if figure.as_of > indicator.baseline_on
    ]  # fmt: skip
    return sum(measurement is not None for measurement in written)


def published_values(published: Published, measure: PublishedMeasure, frequency: Frequency) -> Iterator[Figure]:
    """Return the published values of a measure, by month, quarter or year. Periods without a count are left out."""
    for period in published.periods:
        if not _is_of_frequency(period, frequency) or not (tables := published.tables(Table(measure.table), period)):
            continue
        counts = [it["total"] if measure.cell == TOTAL else it["cells"].get(measure.cell) for it in tables]
        documents = published.documents(period)
        editions = [number for it in documents for number in it.get("editions", [it.get("edition")])]
        without, uncounted = (
            tuple(sorted({code for it in tables for code in it.get(why, ())})) for why in ("without", "uncounted")
        )
        yield Figure(period, None if None in counts else sum(counts), tuple(editions), without, uncounted)


def _is_of_frequency(period: Period, frequency: Frequency) -> bool:
    if frequency == Frequency.YEARLY:
        return period.part is None and period.first == period.last
    return isinstance(period.part, Month if frequency == Frequency.MONTHLY else Quarter)

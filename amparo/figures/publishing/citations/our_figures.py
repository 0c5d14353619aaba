"""What the hotline published itself, to compare with the numbers of others: a total of each population and period.

Only published editions and released years are read, never a snapshot. If a year is released, its editions are left out.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amparo.figures.publishing.analysis.answers import Published
from amparo.figures.publishing.analysis.breakdowns import MEASURES, Measure
from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.sources import Source, sources_of_table
from amparo.figures.snapshot.months import Months, period_from_code, period_of
from amparo.figures.snapshot.tables import Definition

# Units in the words of cited_figures.py, because two numbers are compared only if these are equal.
UNITS: dict[str, Promise] = {
    "contacts": _("conversations"), "persons": _("persons"), "victims": _("persons"), "events": _("events"),
    "perpetrators": _("alleged perpetrators"), "cases": _("cases"), "reports": _("police reports"),
}  # fmt: skip


@dataclass(frozen=True)
class OurFigure:
    code: str
    measure: Measure
    value: int
    period: str  # as others write it: 2026, 2026-07, or 2026-07 – 2026-09
    revision: int  # 1: the first that was published of this period
    sources: tuple[Source, ...]  # the sheets that made it; of a year its own, then those of its editions
    query: str  # of the analyst's desk, which has its breakdowns

    @property
    def subject(self) -> str:
        return str(self.measure.label)

    @property
    def unit(self) -> str:
        return str(UNITS[self.measure.code])

    @property
    def population(self) -> str:
        return str(self._definition.population)

    @property
    def definition(self) -> str:
        return str(self._definition.unit)

    @property
    def publisher(self) -> str:
        return str(self._definition.counted_by)

    @property
    def _definition(self) -> Definition:
        return self.measure.any_table.definition


def our_figures() -> dict[str, OurFigure]:
    """Return our published totals by their code: grouped by population, and within one the newest period first."""
    published = Published.read()
    revisions = Counter(
        period_of(first_day, months)
        for first_day, months in Edition.objects.published().values_list("first_day", "months")
    )
    by_edition = {document["edition"]: document for document in published.parts.values()}
    released = [
        (
            str(year),
            str(year),
            document["revision"],
            document,
            [document, *(by_edition[number] for number in document["editions"])],
        )
        for year, document in sorted(published.years.items(), reverse=True)
    ]
    released += [
        (part.code, _as_others_write(part), revisions[part], document, [document])
        for part, document in sorted(published.parts.items(), key=lambda it: it[0].first, reverse=True)
        if part.first.year not in published.years
    ]
    found = {}
    for measure in MEASURES:
        for code, period, revision, document, editions in released:
            table = document["tables"].get(measure.any_table.value)  # None: not counted yet
            if table and table["total"] is not None:
                figure = OurFigure(
                    f"ours-{measure.code}-{code}", measure, table["total"], _period_in_words(period, table), revision,
                    tuple(sources_of_table(editions, measure.any_table)),
                    f"what={measure.code}.{measure.any_table}&period={code}",
                )  # fmt: skip
                found[figure.code] = figure
    return found


def _as_others_write(part: Months) -> str:
    """Return a period as data/published_figures.csv writes periods: 2026-07, or 2026-07 – 2026-09."""
    first, last = part.months[0].code, part.months[-1].code
    return first if first == last else f"{first} – {last}"


def _period_in_words(period: str, table: dict[str, Any]) -> str:
    """Name the period and, for a year, the months that are not in its numbers: too few people, or not counted yet."""
    codes = sorted([*table.get("without", ()), *table.get("uncounted", ())])
    left_out = [_as_others_write(period_from_code(code)) for code in codes]
    return gettext("%(period)s without %(months)s") % {
        "period": period, "months": ", ".join(left_out)
    } if left_out else period  # fmt: skip

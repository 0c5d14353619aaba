"""What a campaign officer reads about contacts: counts alone, and none that the published figures would hide.

A count below ten is not shown, and neither is zero (docs/decisions/0019). A table whose parts are not all shown shows
its total alone, so that no hidden part can be computed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.line.contacts.picklists import HeardOfUs

SMALLEST = 10  # as in figures/protection; a test compares the two
WEEKS_BEFORE = 4
AFTER_A_SPOT = timedelta(hours=2)
ASKED_ENOUGH = 0.6  # share of contacts asked how they heard of us, below which the split says little (standards J)

type Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Comparison:
    """Contacts in a span of time, and in the same hours of the four weeks before. None: fewer than ten in all."""

    after: int | None
    before: float | None  # mean of the four weeks
    before_range: tuple[int, int] | None = None  # fewest and most of the four; None: one of them is below ten

    @property
    def more(self) -> float | None:
        return None if self.after is None or self.before is None else self.after - self.before


def count_contacts(spans: Sequence[Span], line: str = "") -> list[int]:
    """Exact counts, for this module and tests. The database refuses anybody but a campaign officer."""
    with connection.cursor() as cursor:
        begins, ends = [list(side) for side in zip(*spans, strict=True)]
        cursor.execute(
            "select campaigns_count_contacts(%s, %s::timestamptz[], %s::timestamptz[])", [line, begins, ends]
        )
        counts: list[int] = cursor.fetchone()[0]
        return counts


def compare(start: datetime, length: timedelta, line: str = "") -> Comparison:
    """Compare the contacts from `start` on with the same hours of the four weeks before."""
    spans = [(at, at + length) for at in (start - timedelta(weeks=week) for week in range(WEEKS_BEFORE + 1))]
    after, *before = count_contacts(spans, line)
    mean = sum(before) / WEEKS_BEFORE if sum(before) >= SMALLEST else None
    spread = (min(before), max(before)) if min(before) >= SMALLEST else None
    return Comparison(after if after >= SMALLEST else None, mean, spread)


@dataclass(frozen=True)
class Brought:
    """What came by a spot's own number or code word in the campaign's days, and what each cost. None: not shown."""

    contacts: int | None
    cases: int | None  # that began with one of these contacts
    cost: Decimal | None

    @property
    def per_contact(self) -> Decimal | None:
        return self._per(self.contacts)

    @property
    def per_case(self) -> Decimal | None:
        return self._per(self.cases)

    def _per(self, many: int | None) -> Decimal | None:
        return round(self.cost / many, 2) if many and self.cost is not None else None


def brought(begins: datetime, ends: datetime, line: str, code: str, cost: Decimal | None) -> Brought:
    """Count by a dialled number, a code word, or both. Cases are hidden too if the other contacts are below ten."""
    with connection.cursor() as cursor:
        lines, codes = [line] if line else [], [code] if code else []
        cursor.execute("select campaigns_count_brought(%s::text[], %s::text[], %s, %s)", [lines, codes, begins, ends])
        contacts, cases = cursor.fetchone()[0]
    if contacts < SMALLEST:
        return Brought(None, None, cost)
    return Brought(contacts, cases if min(cases, contacts - cases) >= SMALLEST else None, cost)


def by_part(start: datetime, parts: int, length: timedelta) -> list[int] | None:
    """Contacts in consecutive spans from `start` on; None if one of them is below ten."""
    counts = count_contacts([(start + part * length, start + (part + 1) * length) for part in range(parts)])
    return counts if min(counts) >= SMALLEST else None


@dataclass(frozen=True)
class Source:
    label: str | Promise
    count: int
    share: float  # of the contacts that were asked


@dataclass(frozen=True)
class SourceShares:
    """How people who used one channel heard of the line."""

    mode: str  # "spoken" or "written"
    total: int | None  # None: fewer than ten
    answered: float  # share of contacts asked, 0 to 1
    sources: tuple[Source, ...]  # empty if too few were asked

    @property
    def is_withheld(self) -> bool:
        return self.total is not None and self.answered < ASKED_ENOUGH

    @property
    def title(self) -> str | Promise:
        return _("By telephone") if self.mode == "spoken" else _("In writing")


def sources(begins: datetime, ends: datetime) -> list[SourceShares]:
    """How people heard of the line in this time. "Not asked" and "does not know" are two different things."""
    with connection.cursor() as cursor:
        cursor.execute("select campaigns_count_sources(%s, %s)", [begins, ends])
        found: dict[str, dict[str, int]] = json.loads(cursor.fetchone()[0])
    return [_shares_of(mode, found.get(mode, {})) for mode in ("spoken", "written")]


def _shares_of(mode: str, counts: dict[str, int]) -> SourceShares:
    total = sum(counts.values())
    if total < SMALLEST:
        return SourceShares(mode, None, 0.0, ())
    answers = {source: n for source, n in counts.items() if source != HeardOfUs.NOT_ASKED}
    answered = sum(answers.values())
    if answered / total < ASKED_ENOUGH:
        return SourceShares(mode, total, answered / total, ())
    return SourceShares(mode, total, answered / total, _split(answers))


def _split(answers: dict[str, int]) -> tuple[Source, ...]:
    """The sources with ten contacts or more, and the others together. The others are never fewer than ten."""
    answered = sum(answers.values())
    largest_first = sorted(answers.items(), key=lambda each: (-each[1], each[0]))
    shown = [(source, n) for source, n in largest_first if n >= SMALLEST]
    rest = answered - sum(n for _source, n in shown)
    while 0 < rest < SMALLEST and shown:
        rest += shown.pop()[1]
    if rest and rest < SMALLEST:
        return ()
    named = [Source(HeardOfUs(source).label, n, n / answered) for source, n in shown]
    return (*named, *([Source(_("All others together"), rest, rest / answered)] if rest else []))

"""What a campaign officer reads about contacts: counts alone, and none that the published figures would hide.

A count below ten is not shown, and neither is zero (docs/decisions/0019). All others are rounded to the nearest five.
Sums and shares are computed from rounded counts, so that no hidden count can be worked out (0048). A table
whose parts are not all shown shows its total alone.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.small_counts import SMALLEST, round_to_five, rounded_or_hidden
from amparo.line.contacts.picklists import HeardOfUs

WEEKS_BEFORE = 4
AFTER_A_SPOT = timedelta(hours=2)
ENOUGH_KNOWN = 60  # percent of contacts; if fewer answers are known, they say little about all contacts (standards J)

type Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Comparison:
    """Contacts in a span of time, and in the same hours of the four weeks before. None: fewer than ten in all."""

    after: int | None
    before: int | None  # mean of the four weeks, from their rounded sum
    before_range: tuple[int, int] | None = None  # fewest and most of the four; None: one of them is below ten

    @property
    def more(self) -> int | None:
        return None if self.after is None or self.before is None else self.after - self.before


def count_contacts(spans: Sequence[Span], line: str = "") -> list[int]:
    """Return the exact number of contacts that began in each span. Never show these numbers.

    `line`: count only calls to this telephone number of the hotline; blank: all contacts. The database refuses anybody
    but a campaign officer.
    """
    with connection.cursor() as cursor:
        begins, ends = [list(side) for side in zip(*spans, strict=True)]
        cursor.execute(
            "select campaigns_count_contacts(%s, %s::timestamptz[], %s::timestamptz[])", [line, begins, ends]
        )
        counts: list[int] = cursor.fetchone()[0]
        return counts


def compare_with_weeks_before(start: datetime, length: timedelta, line: str = "") -> Comparison:
    """Compare the contacts from the full hour of `start` on with the same hours of the four weeks before.

    From the minute on, corrections of `start` would tell when a single contact began (0048).
    """
    start = start.replace(minute=0, second=0, microsecond=0)
    spans = [(at, at + length) for at in (start - timedelta(weeks=week) for week in range(WEEKS_BEFORE + 1))]
    after, *before = count_contacts(spans, line)
    in_all = rounded_or_hidden(sum(before))
    mean = None if in_all is None else round(in_all / WEEKS_BEFORE)
    spread = (round_to_five(min(before)), round_to_five(max(before))) if min(before) >= SMALLEST else None
    return Comparison(rounded_or_hidden(after), mean, spread)


@dataclass(frozen=True)
class Brought:
    """Contacts and cases that came by a spot's own number or code word, and what each cost. None: not shown."""

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


def count_brought(begins: datetime, ends: datetime, line: str, code: str, cost: Decimal | None) -> Brought:
    """Count the contacts that dialled `line` or gave the code word `code`, and the cases that began with them.

    The number of cases is also hidden if fewer than ten of these contacts began no case.
    """
    with connection.cursor() as cursor:
        lines, codes = [line] if line else [], [code] if code else []
        cursor.execute("select campaigns_count_brought(%s::text[], %s::text[], %s, %s)", [lines, codes, begins, ends])
        contacts, cases = cursor.fetchone()[0]
    return Brought(
        rounded_or_hidden(contacts), rounded_or_hidden(cases) if contacts - cases >= SMALLEST else None, cost
    )


@dataclass(frozen=True)
class KnownShare:
    """How many contacts there are, and the percentage of them with a known answer."""

    total: int | None  # contacts; None: fewer than ten
    percent: int | None  # with an answer; None: fewer than ten have one, or fewer than ten have none
    is_enough: bool  # at least 60 % have one


def known_share(answers: int, total: int) -> KnownShare:
    """Return which percentage of contacts has an answer, from rounded counts.

    It is below `ENOUGH_KNOWN` exactly if the true percentage is.
    """
    is_enough = total > 0 and 100 * answers >= ENOUGH_KNOWN * total
    if min(answers, total - answers) < SMALLEST:
        return KnownShare(rounded_or_hidden(total), None, is_enough)
    percent = _percent(answers, total)
    percent = max(percent, ENOUGH_KNOWN) if is_enough else min(percent, ENOUGH_KNOWN - 1)
    return KnownShare(rounded_or_hidden(total), percent, is_enough)


def _percent(part: int, total: int) -> int:
    return round(100 * round_to_five(part) / round_to_five(total))


@dataclass(frozen=True)
class Source:
    label: str | Promise
    count: int
    percent: int  # of the contacts that were asked


@dataclass(frozen=True)
class SourceShares:
    """How people who used one channel heard of the line."""

    mode: str  # "spoken" or "written"
    answered: KnownShare
    sources: tuple[Source, ...]  # empty if too few were asked, or if none can stand beside the others

    @property
    def title(self) -> str | Promise:
        return _("By telephone") if self.mode == "spoken" else _("In writing")


def count_sources(begins: datetime, ends: datetime) -> list[SourceShares]:
    """Return how people heard of the line, by telephone and in writing. "Does not know" is an answer."""
    with connection.cursor() as cursor:
        cursor.execute("select campaigns_count_sources(%s, %s)", [begins, ends])
        found: dict[str, dict[str, int]] = json.loads(cursor.fetchone()[0])
    return [_shares_of(mode, found.get(mode, {})) for mode in ("spoken", "written")]


def _shares_of(mode: str, counts: dict[str, int]) -> SourceShares:
    answers = {source: n for source, n in counts.items() if source != HeardOfUs.NOT_ASKED}
    answered = known_share(sum(answers.values()), sum(counts.values()))
    return SourceShares(mode, answered, _sources_with_rest(answers) if answered.is_enough else ())


def _sources_with_rest(answers: dict[str, int]) -> tuple[Source, ...]:
    """Return the sources with ten contacts or more, the largest first, and the sum of all others.

    If that sum is below ten, the smallest sources are added to it. Empty: no source is left.
    """
    answered = sum(answers.values())
    largest_first = sorted(
        answers.items(), key=lambda each: (-round_to_five(each[1]), each[0])
    )  # reveals no exact count
    named = [(source, n) for source, n in largest_first if n >= SMALLEST]
    rest = answered - sum(n for _source, n in named)
    while rest < SMALLEST and named:
        rest += named.pop()[1]
    if not named:
        return ()
    labelled = [(HeardOfUs.label_of(source), n) for source, n in named] + [(_("All others together"), rest)]
    return tuple(Source(label, round_to_five(n), _percent(n, answered)) for label, n in labelled)

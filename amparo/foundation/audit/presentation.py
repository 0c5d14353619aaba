"""A file's ledger entries in readable form: who, when, what and why, never what was read."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils import timezone

from . import labels
from .models import Entry


@dataclass(frozen=True)
class LedgerLine:
    """One line: what one person did for one reason on one day, until another person's entry."""

    who: str
    did: list[tuple[str, int]]  # label and count
    why: str
    since: datetime
    until: datetime


def lines_of_entries(newest_first: Iterable[Entry]) -> list[LedgerLine]:
    """Group entries into lines: one for each run of entries of one person, role, purpose and day.

    Equal entries of a run, such as of a page that reloads itself, are counted together.
    """
    return [_line_of_run(list(run)) for _same, run in groupby(newest_first, key=_line_key)]


def _line_of_run(run: list[Entry]) -> LedgerLine:
    first, last = run[-1], run[0]
    return LedgerLine(
        who=labels.role_label(first.role),
        did=list(Counter(labels.verb_label(entry.what, entry.noun) for entry in reversed(run)).items()),
        why=labels.purpose_label(first.purpose),
        since=first.at,
        until=last.at,
    )


def _line_key(entry: Entry) -> tuple[object, ...]:
    return entry.user_id, entry.role, entry.purpose, timezone.localtime(entry.at).date()

"""What the ledger says of one file, told so that a person can read it: who, when, what and why, never what was read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils import timezone

from . import words
from .models import Entry


@dataclass(frozen=True)
class Told:
    """One line: the same person did the same for the same reason, once or many times in a row on one day."""

    who: str
    did: str
    why: str
    since: datetime
    until: datetime
    times: int


def tell(newest_first: Iterable[Entry]) -> Iterator[Told]:
    """A page that draws itself anew looks again each time; told as one line, with how often."""
    for _same, run in groupby(newest_first, key=_same_line):
        entries = list(run)
        first, last = entries[-1], entries[0]
        yield Told(
            who=words.of_role(first.role),
            did=words.of_verb(first.what),
            why=words.of_purpose(first.purpose),
            since=first.at,
            until=last.at,
            times=len(entries),
        )


def _same_line(entry: Entry) -> tuple[object, ...]:
    return entry.user_id, entry.role, entry.what, entry.purpose, timezone.localtime(entry.at).date()

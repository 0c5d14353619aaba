"""What the ledger says of one file, told so that a person can read it: who, when, what and why, never what was read."""

from collections.abc import Iterable
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


def tell(newest_first: Iterable[Entry]) -> list[Told]:
    """A page that draws itself anew looks again each time; told as one line, with how often."""
    return [_line(list(run)) for _same, run in groupby(newest_first, key=_same_line)]


def _line(run: list[Entry]) -> Told:
    first, last = run[-1], run[0]
    return Told(
        who=words.of_role(first.role),
        did=words.of_verb(first.what, first.noun),
        why=words.of_purpose(first.purpose),
        since=first.at,
        until=last.at,
        times=len(run),
    )


def _same_line(entry: Entry) -> tuple[object, ...]:
    return entry.user_id, entry.role, entry.what, entry.noun, entry.purpose, timezone.localtime(entry.at).date()

"""What the administrators' page shows: who would be notified of what at which hour, and the newest notices."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from amparo.foundation.access.models import User

from .kinds import KINDS, Audience, Kind, Step
from .models import Notice, NoticeLine
from .roll import Roll, read_roll

SHOWN = 100  # notices
HOURS = 24


@dataclass(frozen=True)
class StepRow:
    """One step of a ladder at one hour."""

    after: int  # minutes from the first notice
    audience: Audience
    people: list[User]  # nobody: the step is skipped

    @property
    def after_in_words(self) -> str:
        if self.after % 60:
            return _("after %(n)s min") % {"n": self.after}
        return _("after %(n)s h") % {"n": self.after // 60} if self.after else ""

    @property
    def is_personal(self) -> bool:
        """Whether it depends on the event whom it reaches."""
        return self.audience is Audience.PERSON


@dataclass(frozen=True)
class KindRow:
    kind: Kind
    steps: list[StepRow]

    @property
    def reaches_nobody(self) -> bool:
        return not any(step.people or step.is_personal for step in self.steps)


@dataclass(frozen=True)
class Answer:
    """One notice with what came of it."""

    notice: Notice
    titles: list[tuple[str | Promise, int]]  # what it was about, and how often
    opened_at: datetime | None  # when its person opened all of it
    opened_by: list[User]  # who opened its events first
    is_over: bool  # what it was about has ended by itself


def chosen_hour(text: str, now: datetime) -> datetime:
    """Return the next moment with this hour. Blank or no hour: now."""
    if not re.fullmatch("[0-9]{1,2}", text) or int(text) >= HOURS:
        return now
    at = localtime(now).replace(hour=int(text), minute=0, second=0, microsecond=0)
    return at if at > now else at + timedelta(days=1)


def hours(now: datetime) -> list[datetime]:
    """Return the next 24 hours."""
    first = localtime(now).replace(minute=0, second=0, microsecond=0)
    return [first + timedelta(hours=n) for n in range(1, HOURS + 1)]


def table(at: datetime) -> list[KindRow]:
    roll = read_roll(at, at + timedelta(minutes=1))
    return [KindRow(kind, _steps(roll, kind, at)) for kind in KINDS.values()]


def hours_without(now: datetime) -> list[datetime]:
    """Return those of the next 24 hours at which nobody would be notified of danger."""
    every = hours(now)
    roll = read_roll(now, every[-1] + timedelta(hours=1))
    steps: tuple[Step, ...] = KINDS["danger"].ladder
    return [at for at in every if not any(roll.audience(step, at) for step in steps)]


def newest() -> list[Answer]:
    notices = Notice.objects.select_related("to").order_by("-made_at")[:SHOWN]
    lines: dict[object, list[NoticeLine]] = {}
    for line in NoticeLine.objects.filter(notice__in=[each.pk for each in notices]).select_related(
        "event", "event__opened_by"
    ):
        lines.setdefault(line.notice_id, []).append(line)
    return [_answer(notice, lines.get(notice.pk, [])) for notice in notices]


def _steps(roll: Roll, kind: Kind, at: datetime) -> list[StepRow]:
    found, after = [], 0
    for step in kind.ladder:
        found.append(StepRow(after, step.audience, roll.reached_now(kind, step, at)))
        after += step.minutes
    return found


def _answer(notice: Notice, lines: list[NoticeLine]) -> Answer:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.event.kind] = counts.get(line.event.kind, 0) + 1
    titles = [(KINDS[key].title if key in KINDS else key, n) for key, n in counts.items()]
    moments = [line.opened_at for line in lines]
    opened = [moment for moment in moments if moment]
    by = {line.event.opened_by_id: line.event.opened_by for line in lines if line.event.opened_by}
    is_over = bool(lines) and all(line.event.settled_at for line in lines)
    return Answer(
        notice, titles, max(opened) if lines and len(opened) == len(lines) else None, list(by.values()), is_over
    )

"""What a line needs before people may call it: what the system checks, what people answer for, and what is missing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.foundation.access import permissions
from amparo.foundation.access.factors import without_enough_factors
from amparo.foundation.access.models import HOTLINE, User
from amparo.line.roster.uncovered import hours_in_words, uncovered_hours
from amparo.line.switchboard.models import Call, Channel, Direction

from . import rules
from .models import Question, Statement
from .part import GREEN

OF_THE_MACHINE = ("first_run", "switchboard", "trunk", "backup", "restore", "certificate", "ports", "disk", "clock")
TEST_CALL = timedelta(days=30)  # before the opening
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Need:
    """Something that a line needs. `is_met` None: only somebody of the other role sees it."""

    title: str | Promise
    is_met: bool | None
    words: str  # how it is
    remedy: str | Promise = ""
    page: str = ""  # the name of the page where it is mended
    question: Question | None = None  # people answer for it; None: the system checks it
    statement: Statement | None = None

    @property
    def is_missing(self) -> bool:
        return self.is_met is False


def needs(user: User, now: datetime) -> list[Need]:
    """All that the line needs. An administrator sees the machine, a supervisor shifts and calls; both see the rest."""
    if permissions.keep_installation(user):
        others = Need(_("Shifts and a test call"), None, _("A supervisor sees it."))
        return [*_of_machine(now), others, *_stated()]
    others = Need(_("Machine, carrier and backups"), None, _("An administrator sees it."))
    return [others, *_of_shifts(now), *_stated()]


def _of_machine(now: datetime) -> list[Need]:
    found = {part.kept_as: part for part in rules.parts(now) if part.key in OF_THE_MACHINE}
    demo = settings.ENVIRONMENT.demo
    real = Need(
        _("A real line's home"), not demo,
        _("This is the demonstration: everything in it is invented.") if demo else _("No invented person is in it."),
        _("A real line begins in a home of its own: see the manual.") if demo else "",
    )  # fmt: skip
    is_secure = settings.ENVIRONMENT.is_secure
    secure = Need(
        _("Pages of the staff by https alone"), is_secure,
        _("They have a name with a certificate.") if is_secure else _("They have no name with a certificate."),
        _("Set AMPARO_PUBLIC_HOST and AMPARO_STAFF_HOST."),
    )  # fmt: skip
    parts = [
        Need(part.name, part.light == GREEN, part.sentences[0], part.remedy, "installation") for part in found.values()
    ]
    return [real, _two_ways_in(), secure, *parts]


def _two_ways_in() -> Need:
    people = list(User.objects.filter(agency=HOTLINE, is_active=True, is_machine=False))
    lacking = len(without_enough_factors(people))
    words = ngettext("%(n)s person works here.", "%(n)s people work here.", len(people)) % {"n": len(people)}
    if lacking:
        words += " " + ngettext(
            "%(n)s has only one way to sign in.", "%(n)s have only one way to sign in.", lacking
        ) % {"n": lacking}
    return Need(
        _("Everybody has two ways to sign in"), not lacking, words, _("Each adds the second on the own page."), "staff"
    )


def _of_shifts(now: datetime) -> list[Need]:
    monday = localdate(now) - timedelta(days=localdate(now).weekday())
    gaps = [gap for week in (monday, monday + WEEK) for gap in uncovered_hours(week, now) if gap.start < now + WEEK]
    hours = ngettext(
        "%(n)s stretch is uncovered, first %(hours)s.", "%(n)s stretches are uncovered, first %(hours)s.", len(gaps)
    )
    covered = Need(
        _("Somebody answers in each hour of the next seven days"), not gaps,
        hours % {"hours": hours_in_words(gaps[0]), "n": len(gaps)} if gaps else _("Each hour has somebody."),
        _("Plan the shifts."), "roster",
    )  # fmt: skip
    answered = Call.objects.real().filter(
        channel=Channel.PHONE, direction=Direction.INCOMING, answered_at__gt=now - TEST_CALL
    )
    is_tried = answered.exists()
    tried = Need(
        _("A call from a telephone was answered"), is_tried,
        _("In the last thirty days.") if is_tried else _("Not in the last thirty days."),
        _("Ring the number of the line, and answer on the console."), "console",
    )  # fmt: skip
    return [covered, tried]


def _stated() -> list[Need]:
    newest = {it.question: it for it in Statement.objects.newest()}
    found = []
    for question in Question:
        it = newest.get(question)
        settled = it if it and it.is_settled else None
        found.append(Need(question.label, settled is not None, "", question=question, statement=settled))
    return found

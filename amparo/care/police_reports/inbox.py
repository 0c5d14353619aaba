"""The list of reports, danger first and then by deadline; and the clock of one report."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import Case, When
from django.utils.translation import gettext_lazy as _

from amparo.foundation.access.models import User
from amparo.foundation.core.clock_steps import DONE, LATE, ClockStep

from .models import Report

AT_MOST = 200  # on one page; nobody would read more


@dataclass(frozen=True)
class Clock:
    """The steps of a report, with the deadline of each: sent, received, decided."""

    steps: tuple[ClockStep, ...]

    @classmethod
    def of(cls, report: Any, now: datetime) -> Self:
        """Return the clock of a report from `with_events`. A recalled report has no deadlines any more."""
        sent, is_received = ClockStep(_("Sent"), report.sent_at, DONE), report.received_at is not None
        received = ClockStep.of(_("Received"), report.received_at, report.receive_by, now)
        if report.called_back_at:
            called_back = ClockStep(_("Sending cancelled"), report.called_back_at, DONE)
            return cls((sent, received, called_back) if is_received else (sent, called_back))
        decided = ClockStep.of(_("Decision made"), report.decided_at, report.decide_by, now, begun=is_received)
        return cls((sent, received, decided))

    @property
    def is_late(self) -> bool:
        return any(step.state == LATE for step in self.steps)


@dataclass(frozen=True)
class Inbox:
    rows: list[tuple[Report, Clock]]
    has_more: bool  # more than are shown


def reports_in_order(user: User, now: datetime) -> Inbox:
    """Return the user's reports: open ones, danger first, then by next deadline; then finished ones, newest first."""
    visible = Report.objects.visible_to(user).with_events().select_related("to_agency").defer("facts", "traces")
    next_due = Case(When(received_at=None, then="receive_by"), default="decide_by")
    found = list(visible.waiting_for_the_unit().order_by("-is_danger", next_due, "-sent_at", "pk")[: AT_MOST + 1])
    found += visible.finished().order_by("-sent_at", "pk")[: AT_MOST + 1 - len(found)]
    return Inbox([(report, Clock.of(report, now)) for report in found[:AT_MOST]], len(found) > AT_MOST)

"""The reports that wait for somebody, danger first and then by the clock; and the clock of one report."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amparo.ground.access.models import User

from .models import Report

AT_MOST = 200  # on one page; more would be read by nobody


@dataclass(frozen=True)
class Tick:
    """One step of a report's clock, as the page draws it."""

    label: str | Promise
    at: datetime | None  # when it happened, else by when it should; None: no time is set
    state: str  # done, running, late, or blank: still to come


@dataclass(frozen=True)
class Clock:
    sent: Tick
    received: Tick
    decided: Tick

    @classmethod
    def of(cls, report: Any, now: datetime) -> Self:
        """Of a report `with_steps`."""
        return cls(
            Tick(_("Sent"), report.sent_at, "done"),
            _tick(_("Received"), report.received_at, report.receive_by, now, begun=True),
            _tick(_("Decided"), report.decided_at, report.decide_by, now, begun=report.received_at is not None),
        )

    @property
    def ticks(self) -> tuple[Tick, Tick, Tick]:
        return self.sent, self.received, self.decided

    @property
    def is_late(self) -> bool:
        return "late" in (self.received.state, self.decided.state)

    @property
    def waits_until(self) -> datetime | None:
        """By when the next step should happen; None: nothing waits."""
        return next((tick.at for tick in self.ticks if tick.state in ("running", "late")), None)


def inbox(user: User, now: datetime) -> list[tuple[Report, Clock]]:
    """Danger first, then whose next step is due first; what is decided comes last, the newest first."""
    found = Report.objects.visible_to(user).with_steps().select_related("to_agency").defer("facts", "traces")
    rows = [(report, Clock.of(report, now)) for report in found.order_by("-sent_at")[:AT_MOST]]
    return sorted(rows, key=_place)


def _place(row: tuple[Report, Clock]) -> tuple[bool, bool, float]:
    report, clock = row
    until = clock.waits_until
    return until is None, not report.is_danger, (until or report.sent_at).timestamp() * (1 if until else -1)


def _tick(label: Promise, done: datetime | None, due: datetime, now: datetime, *, begun: bool) -> Tick:
    if done:
        return Tick(label, done, "done")
    return Tick(label, due, "late" if due < now else "running" if begun else "")

"""The steps of something that was asked of somebody: when each happened, or until when it should."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.utils.functional import Promise

DONE, RUNNING, LATE, TO_COME = "done", "running", "late", ""


@dataclass(frozen=True)
class ClockStep:
    """One step of a clock, as `core/_clock.html` draws it."""

    label: str | Promise
    at: datetime | None  # when it happened, else its deadline; None: there is no deadline
    state: str

    @classmethod
    def of(
        cls, label: str | Promise, done: datetime | None, due: datetime | None, now: datetime, *, begun: bool = True
    ) -> Self:
        """Return the step that happened at `done`, or waits until `due`. Not `begun`: an earlier step is still open."""
        if done:
            return cls(label, done, DONE)
        if due and due < now:
            return cls(label, due, LATE)
        return cls(label, due, RUNNING if begun else TO_COME)


@dataclass(frozen=True)
class SentRequest:
    """What was asked of another institution: its name, its page, and its clock. Each room makes its own."""

    id: UUID
    name: str
    address: str  # of its page
    sent_at: datetime
    steps: tuple[ClockStep, ...]

    @property
    def late(self) -> ClockStep | None:
        """The first step that is past its deadline; None: no step is."""
        return next((step for step in self.steps if step.state == LATE), None)

    @property
    def is_over(self) -> bool:
        return all(step.state == DONE for step in self.steps)

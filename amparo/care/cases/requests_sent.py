"""The requests of a case to other institutions: of each step the time at which it happened, or its deadline."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from amparo.foundation.core.clock_steps import DONE, LATE, TO_COME, ClockStep
from amparo.foundation.vault.fields import log_reads_together

from .models import Case, CaseEntry, Task
from .picklists import EntryKind
from .timeline import OF_A_PLACEMENT, OF_A_REFERRAL, OF_A_REPORT

AT_MOST = 200  # newest entries; older ones are in the history below
PAGES = {EntryKind.DISCLOSED: "report", EntryKind.REFERRED: "referral", EntryKind.BED_HELD: "placement"}

type Moments = Mapping[str, datetime]  # kind of entry -> time of the last one


@dataclass(frozen=True)
class SentRequest:
    """A report, a referral or a held bed, named by the entry with which it began."""

    id: UUID
    name: str
    address: str  # of its page
    sent_at: datetime
    steps: tuple[ClockStep, ...]

    @property
    def late(self) -> ClockStep | None:
        """The first step that is past its deadline."""
        return next((step for step in self.steps if step.state == LATE), None)

    @property
    def is_over(self) -> bool:
        return all(step.state == DONE for step in self.steps)


def requests_sent(case: Case, now: datetime) -> list[SentRequest]:
    """Return the requests of a case: late ones, then pending ones, then ended ones; in each group the newest first.

    A request has the deadline of the task with the same id.
    """
    kinds = (*OF_A_REPORT, *OF_A_REFERRAL, *OF_A_PLACEMENT)
    entries = list(
        case.entries.select_related("key").filter(kind__in=kinds).exclude(about="").order_by("-at", "-number")[:AT_MOST]
    )
    begun = [entry for entry in entries if entry.kind in PAGES]
    log_reads_together(case, begun)
    moments: dict[str, dict[str, datetime]] = defaultdict(dict)
    for entry in reversed(entries):
        moments[entry.about][entry.kind] = entry.at
    tasks = {task.pk: task for task in Task.objects.filter(case=case, pk__in=[UUID(entry.about) for entry in begun])}
    found = [_request(entry, moments[entry.about], tasks.get(UUID(entry.about)), now) for entry in begun]
    return sorted(found, key=lambda it: (it.late is None, it.is_over, -it.sent_at.timestamp()))


def _request(entry: CaseEntry, at: Moments, task: Task | None, now: datetime) -> SentRequest:
    about = UUID(entry.about)
    steps = {EntryKind.DISCLOSED: _of_report, EntryKind.REFERRED: _of_referral, EntryKind.BED_HELD: _of_bed}
    return SentRequest(
        id=about, name=_name(entry), address=reverse(PAGES[EntryKind(entry.kind)], args=[about]),
        sent_at=entry.at, steps=steps[EntryKind(entry.kind)](at, task, now),
    )  # fmt: skip


def _name(entry: CaseEntry) -> str:
    """Return the request and its recipient. For a held bed, leave out the reason why people are in separate houses."""
    words = entry.words or ""
    return words.partition(". ")[0].rstrip(".") if entry.kind == EntryKind.BED_HELD else words


def _of_report(at: Moments, task: Task | None, now: datetime) -> tuple[ClockStep, ...]:
    sent = ClockStep(pgettext_lazy("a step of a report", "Sent"), at[EntryKind.DISCLOSED], DONE)
    received = ClockStep.of(pgettext_lazy("a step of a report", "Received"), at.get(EntryKind.RECEIVED), None, now)
    if over := at.get(EntryKind.CALLED_BACK):
        cancelled = ClockStep(pgettext_lazy("a step of a report", "Cancelled"), over, DONE)
        return (sent, received, cancelled) if received.state == DONE else (sent, cancelled)
    decided = ClockStep.of(
        pgettext_lazy("a step of a report", "Decided"), at.get(EntryKind.DECIDED), task.due if task else None, now,
        begun=received.state == DONE,
    )  # fmt: skip
    return sent, received, decided


def _of_referral(at: Moments, task: Task | None, now: datetime) -> tuple[ClockStep, ...]:
    sent = ClockStep(pgettext_lazy("a step of a referral", "Requested"), at[EntryKind.REFERRED], DONE)
    if declined := at.get(EntryKind.DECLINED):
        return sent, ClockStep(pgettext_lazy("a step of a referral", "Declined"), declined, DONE)
    due = task.due if task else None
    accepted = ClockStep.of(pgettext_lazy("a step of a referral", "Accepted"), at.get(EntryKind.ACCEPTED), due, now)
    is_accepted = accepted.state == DONE
    if off := at.get(EntryKind.CALLED_OFF):
        called_off = ClockStep(pgettext_lazy("a step of a referral", "Cancelled"), off, DONE)
        return (sent, accepted, called_off) if is_accepted else (sent, called_off)
    arrived = at.get(EntryKind.GOT_THERE) or at.get(EntryKind.SERVED)
    return (
        sent, accepted,
        ClockStep.of(pgettext_lazy("a step of a referral", "Arrived"), arrived, None, now, begun=is_accepted),
    )  # fmt: skip


def _of_bed(at: Moments, task: Task | None, now: datetime) -> tuple[ClockStep, ...]:
    """A mistaken arrival does not count, and an ended task gives no deadline."""
    reserved = ClockStep(pgettext_lazy("a step of a bed", "Held"), at[EntryKind.BED_HELD], DONE)
    approved, arrived = at.get(EntryKind.BED_APPROVED), at.get(EntryKind.ARRIVED)
    if over := at.get(EntryKind.BED_DECLINED):
        return reserved, ClockStep(pgettext_lazy("a step of a bed", "Declined"), over, DONE)
    if over := at.get(EntryKind.BED_RELEASED):
        return reserved, ClockStep(pgettext_lazy("a step of a bed", "Released"), over, DONE)
    if arrived and (mistaken := at.get(EntryKind.NOT_ARRIVED)) and mistaken >= arrived:
        arrived = None
    due = task.due if task and task.is_open else None
    return (
        reserved,
        ClockStep.of(pgettext_lazy("a step of a bed", "Approved"), approved, due, now),
        ClockStep.of(pgettext_lazy("a step of a bed", "Arrived"), arrived, due, now)
        if approved
        else ClockStep(pgettext_lazy("a step of a bed", "Arrived"), None, TO_COME),
    )

"""What has happened in a case, as its page tells it: one knot after the other, the newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps

from amparo.care.consent.picklists import OverrideGround
from amparo.care.people.models import Person
from amparo.care.screening.determination import Result
from amparo.care.screening.models import Status
from amparo.foundation.access.models import User
from amparo.foundation.core.pagination import Page, paginate
from amparo.foundation.vault.fields import read_together
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Urgency

from .events import Event
from .models import Case, CaseEntry
from .picklists import DECISIONS, Closing, EntryKind, TaskKind

# The shape of a knot: round, spoken with someone; square, handed over; diamond, decided; triangle, danger.
SHAPES = {
    **dict.fromkeys(DECISIONS, "decided"),
    EntryKind.HANDED_OVER: "sent", EntryKind.READ_OVER: "sent", EntryKind.DISCLOSED: "sent",
    EntryKind.REFERRED: "sent",
    EntryKind.BED_ASKED: "sent",
}  # fmt: skip
TONES = {
    EntryKind.DONE: "good", EntryKind.CLOSED: "good", EntryKind.ARRIVED: "good", EntryKind.CONSENTED: "sealed",
    EntryKind.WITHDRAWN: "sealed",
}  # fmt: skip
TASKS = dict(TaskKind.choices)
URGENCIES = dict(Urgency.choices)
WORDS = {  # what `about` stands for where it is a word of a list
    EntryKind.TASK: TASKS, EntryKind.DONE: TASKS, EntryKind.CANCELLED: TASKS, EntryKind.MOVED: TASKS,
    EntryKind.URGENCY: URGENCIES, EntryKind.OPENED: URGENCIES, EntryKind.CLOSED: dict(Closing.choices),
    EntryKind.ASSESSED: dict(Result.choices), EntryKind.RECOGNISED: dict(Status.choices),
    EntryKind.BASIS: dict(OverrideGround.choices),
}  # fmt: skip
OF_A_REPORT = (
    EntryKind.DISCLOSED, EntryKind.RECEIVED, EntryKind.ASKED_BACK, EntryKind.DECIDED, EntryKind.OUTCOME,
    EntryKind.CALLED_BACK,
)  # fmt: skip
OF_A_REFERRAL = (
    EntryKind.REFERRED, EntryKind.ACCEPTED, EntryKind.DECLINED, EntryKind.GOT_THERE, EntryKind.SERVED
)  # fmt: skip
# Attribute of an AppConfig of a later room: its model that says more of an entry. `objects.more_of(entries)` gives it,
# in words by the id of the entry, as far as whoever reads may see it.
MORE = "says_more_of_entries"


@dataclass(frozen=True)
class TimelineItem:
    at: datetime
    title: str
    about: str  # blank: nothing
    words: str  # blank: none
    who: str
    shape: str
    tone: str
    contact: UUID | None  # to be opened from here
    report: UUID | None  # likewise
    referral: UUID | None
    document: UUID | None

    @property
    def said(self) -> str:
        """One sentence; a name such as "Inés R." has its own full stop."""
        said = f"{self.title}: {self.about}" if self.about else self.title
        return said if said.endswith(".") else f"{said}."


def timeline(case: Case, *, decisions_only: bool = False, page: int = 1) -> Page[TimelineItem]:
    """One leaf of it. However long a case is, a leaf costs the same."""
    entries = case.entries.select_related("by", "key").order_by("-at", "-number")
    if decisions_only:
        entries = entries.filter(kind__in=DECISIONS)
    found = paginate(entries, page)
    read_together(case, found)
    meant = _meant(found)
    return Page([_item(entry, meant) for entry in found], found.number, found.has_more)


def _item(entry: CaseEntry, meant: dict[str, str]) -> TimelineItem:
    kind = EntryKind(entry.kind)
    is_danger = kind == EntryKind.URGENCY and entry.about == Urgency.IMMEDIATE
    means = meant.get(str(entry.pk)) or meant.get(entry.about, "")
    about = WORDS[kind].get(entry.about, "") if kind in WORDS else means
    return TimelineItem(
        at=entry.at, title=str(kind.label), about=str(about), words=entry.words or "", who=str(entry.by or ""),
        shape="danger" if is_danger else SHAPES.get(kind, ""), tone=TONES.get(kind, ""),
        contact=UUID(entry.about) if kind == EntryKind.CONTACT else None,
        report=UUID(entry.about) if kind in OF_A_REPORT and entry.about else None,
        referral=UUID(entry.about) if kind in OF_A_REFERRAL else None,
        document=UUID(entry.about) if kind == EntryKind.DOCUMENT else None,
    )  # fmt: skip


def _meant(entries: Iterable[CaseEntry]) -> dict[str, str]:
    """What the ids in these entries stand for, in words, and more of some by their own: a query for each kind."""

    def ids(*kinds: EntryKind) -> list[str]:
        return [entry.about for entry in entries if entry.kind in kinds and entry.about]

    contacts = Contact.objects.filter(pk__in=ids(EntryKind.CONTACT)).only("number")
    people = Person.objects.filter(pk__in=ids(EntryKind.PERSON)).only("number", "part")
    events = Event.written.filter(pk__in=ids(EntryKind.EVENT, EntryKind.TAKEN_OUT)).only("kind", "ubigeo", "country")
    colleagues = User.objects.filter(pk__in=ids(EntryKind.JOINED, EntryKind.LEFT))
    return {
        **_more_of(entries),
        **{str(it.pk): it.code for it in contacts},
        **{str(it.pk): f"«{it.code_name}», {it.get_part_display()}" for it in people},
        **{str(it.pk): ", ".join(filter(None, [it.get_kind_display(), it.place])) for it in events},
        **{str(it.pk): str(it) for it in colleagues},
    }


def _more_of(entries: Iterable[CaseEntry]) -> dict[str, str]:
    models: list[Any] = [it.get_model(getattr(it, MORE)) for it in apps.get_app_configs() if hasattr(it, MORE)]
    return {entry: words for model in models for entry, words in model.objects.more_of(entries).items()}

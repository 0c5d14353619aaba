"""The timeline of a case as its page shows it, newest entry first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q
from django.utils import timezone

from amparo.care.consent.picklists import OverrideGround
from amparo.care.people.models import Person
from amparo.care.screening.models import Status
from amparo.care.screening.picklists import Result
from amparo.foundation.access.models import User
from amparo.foundation.core.pagination import Page, paginate
from amparo.foundation.core.picklists import Picklist
from amparo.foundation.vault.fields import log_reads_together
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Urgency

from .models import Case, CaseEntry, Event
from .picklists import DECISIONS, Closing, EntryKind, NoteKind, TaskKind

# The shape of an entry's mark. Round: a conversation; square: handed over; diamond: a decision; triangle: danger.
SHAPES: dict[Picklist, str] = {
    **dict.fromkeys(DECISIONS, "decided"),
    EntryKind.HANDED_OVER: "sent", EntryKind.READ_OVER: "sent", EntryKind.DISCLOSED: "sent",
    EntryKind.REFERRED: "sent",
    EntryKind.BED_ASKED: "sent", NoteKind.DECISION: "decided",
}  # fmt: skip
TONES = {
    EntryKind.DONE: "good", EntryKind.CLOSED: "good", EntryKind.ARRIVED: "good", EntryKind.CONSENTED: "sealed",
    EntryKind.WITHDRAWN: "sealed",
}  # fmt: skip
WORDS: dict[EntryKind, type[Picklist]] = {  # kinds whose `about` is a value of a picklist
    EntryKind.TASK: TaskKind, EntryKind.DONE: TaskKind, EntryKind.CANCELLED: TaskKind, EntryKind.MOVED: TaskKind,
    EntryKind.URGENCY: Urgency, EntryKind.OPENED: Urgency, EntryKind.CLOSED: Closing, EntryKind.ASSESSED: Result,
    EntryKind.RECOGNISED: Status, EntryKind.BASIS: OverrideGround,
}  # fmt: skip
OF_A_REPORT = (
    EntryKind.DISCLOSED, EntryKind.RECEIVED, EntryKind.ASKED_BACK, EntryKind.DECIDED, EntryKind.OUTCOME,
    EntryKind.REPORT_RECALLED,
)  # fmt: skip
OF_A_REFERRAL = (
    EntryKind.REFERRED, EntryKind.ACCEPTED, EntryKind.DECLINED, EntryKind.GOT_THERE, EntryKind.SERVED,
    EntryKind.REFERRAL_CANCELLED,
)  # fmt: skip
OF_A_PLACEMENT = (
    EntryKind.BED_HELD, EntryKind.BED_RELEASED, EntryKind.BED_ASKED, EntryKind.BED_APPROVED, EntryKind.BED_DECLINED,
    EntryKind.ARRIVED, EntryKind.NOT_ARRIVED, EntryKind.MOVED_BED, EntryKind.STAY_PLANNED, EntryKind.LEFT_HOUSE,
)  # fmt: skip
# Attribute of another room's AppConfig: the name of its model with details of entries.
# `objects.details_by_entry(entries)` returns them as text by the id of the entry, as far as the user can see them.
MORE = "says_more_of_entries"


@dataclass(frozen=True)
class TimelineItem:
    """One entry as the page shows it."""

    at: datetime
    title: str
    about: str  # may be blank, as `words`
    words: str
    who: str  # name of the user
    shape: str
    tone: str
    contact: UUID | None  # this and the ids below become links
    report: UUID | None
    referral: UUID | None
    document: UUID | None

    @property
    def day(self) -> date:
        """The day in the hotline's time zone."""
        return timezone.localdate(self.at)

    @property
    def sentence(self) -> str:
        """The entry as one sentence. Adds a full stop unless there is one, as after "Inés R."."""
        sentence = f"{self.title}: {self.about}" if self.about else self.title
        return sentence if sentence.endswith(".") else f"{sentence}."


SHOWN = {  # which entries each choice of `TimelineForm` shows; the help tab shows what was sent and what came back
    "all": Q(),
    "notes": Q(kind=EntryKind.NOTE),
    "decisions": Q(kind__in=DECISIONS) | Q(kind=EntryKind.NOTE, about=NoteKind.DECISION),
    "sent": Q(kind__in=(EntryKind.DISCLOSED, EntryKind.REFERRED, EntryKind.BED_ASKED, EntryKind.REPORT_RECALLED)),
    "help": Q(kind__in=(*OF_A_REPORT, *OF_A_REFERRAL, *OF_A_PLACEMENT, EntryKind.NO_BED)),
}


def timeline(case: Case, shown: str = "all", *, page: int = 1) -> Page[TimelineItem]:
    """Return one page of the timeline, with the entries that `shown`, a key of `SHOWN`, selects.

    The cost of a page does not depend on the length of the timeline.
    """
    entries = case.entries.select_related("by", "key").filter(SHOWN[shown]).order_by("-at", "-number")
    found = paginate(entries, page)
    log_reads_together(case, found)
    meant = _texts_by_id(found)
    return Page([_timeline_item(entry, meant) for entry in found], found.number, found.has_more)


def _timeline_item(entry: CaseEntry, meant: dict[str, str]) -> TimelineItem:
    kind = EntryKind(entry.kind)
    is_danger = kind == EntryKind.URGENCY and entry.about == Urgency.IMMEDIATE
    means = meant.get(str(entry.pk)) or meant.get(entry.about, "")
    about = means
    if words := WORDS.get(kind):
        about = words.label_of(entry.about) if words.has(entry.about) else ""
    title: Picklist = NoteKind(entry.about) if kind == EntryKind.NOTE and entry.about else kind
    return TimelineItem(
        at=entry.at, title=str(title.label), about=str(about), words=entry.words or "", who=str(entry.by or ""),
        shape="danger" if is_danger else SHAPES.get(title, ""), tone=TONES.get(kind, ""),
        contact=UUID(entry.about) if kind == EntryKind.CONTACT else None,
        report=UUID(entry.about) if kind in OF_A_REPORT and entry.about else None,
        referral=UUID(entry.about) if kind in OF_A_REFERRAL else None,
        document=UUID(entry.about) if kind == EntryKind.DOCUMENT else None,
    )  # fmt: skip


def _texts_by_id(entries: Iterable[CaseEntry]) -> dict[str, str]:
    """Return the texts that these entries show, with one query for each kind of object.

    A text is found by the id in the entry's `about` or, if another room has details of the entry, by the entry's id.
    """

    def ids(*kinds: EntryKind) -> list[str]:
        return [entry.about for entry in entries if entry.kind in kinds and entry.about]

    contacts = Contact.objects.filter(pk__in=ids(EntryKind.CONTACT)).only("number")
    people = Person.objects.filter(pk__in=ids(EntryKind.PERSON)).only("number", "part")
    events = Event.all_objects.filter(pk__in=ids(EntryKind.EVENT, EntryKind.TAKEN_OUT)).only(
        "kind", "ubigeo", "country"
    )
    colleagues = User.objects.filter(pk__in=ids(EntryKind.JOINED, EntryKind.LEFT))
    return {
        **_details_of_other_rooms(entries),
        **{str(it.pk): it.code for it in contacts},
        **{str(it.pk): f"«{it.code_name}», {it.get_part_display()}" for it in people},
        **{str(it.pk): ", ".join(filter(None, [it.get_kind_display(), it.place])) for it in events},
        **{str(it.pk): str(it) for it in colleagues},
    }


def _details_of_other_rooms(entries: Iterable[CaseEntry]) -> dict[str, str]:
    models: list[Any] = [it.get_model(getattr(it, MORE)) for it in apps.get_app_configs() if hasattr(it, MORE)]
    return {entry: words for model in models for entry, words in model.objects.details_by_entry(entries).items()}

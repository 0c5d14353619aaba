"""Picklists of a case."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.foundation.core.picklists import Picklist, own_list


class State(Picklist):
    """The state of a case: cas_Status of HTCDS v2.0, in which a new case counts as active.

    In follow-up we only ask how the person is.
    """

    NEW = "new", _("new")
    ACTIVE = "active", _("active")
    FOLLOW_UP = "follow_up", _("follow-up")
    CLOSED = "closed", _("closed")
    CLOSED_REFERRED = "closed_referred", _("closed, handed over")


CLOSED = (State.CLOSED, State.CLOSED_REFERRED)
OPEN = (State.NEW, State.ACTIVE, State.FOLLOW_UP)


@own_list(
    "closings", _("Why a case is closed"),
    _("Chosen when a case is closed, and counted in the figures."),
    grows=True, is_counted=True, needed=("handed_over", "closed_there"),
)  # fmt: skip
class Closing(Picklist):
    """Reasons for closing a case. None of them is a verdict on a person."""

    SAFE = "safe", _("the person is safe, and wants nothing more of us")
    RETURNED = "returned", _("the person went home, as they wished")
    HANDED_OVER = "handed_over", _("another institution goes on with it")
    WITHDREW = "withdrew", _("the person wants no more contact")
    LOST = "lost", _("we could not reach the person again")
    ELSEWHERE = "elsewhere", _("it was another need, and the person knows where to go")
    DUPLICATE = "duplicate", _("it is the same as another case")
    DIED = "died", _("the person died")
    CLOSED_THERE = "closed_there", _("another institution closed it")


@own_list("tasks", _("What is planned in a case"), _("Chosen for each task of a case."))
class TaskKind(Picklist):
    CALL = "call", _("call the person")
    VISIT = "visit", _("meet the person")
    ASK = "ask", _("ask an institution")
    DOCUMENT = "document", _("get a document")
    SHELTER = "shelter", _("find a bed")
    REVIEW = "review", _("review the case")
    ANSWER = "answer", _("answer the unit's question")
    TELL = "tell", _("tell the person what came of it")
    READ = "read", _("read what the person left with their code")
    WHOSE = "whose", _("confirm who holds the return code")
    PROTECT = "protect", _("notify by law")
    STAY = "stay", _("confirm the stay")
    UNIT = "unit", _("choose another unit")
    OTHER = "other", _("something else")


PROMISES = (TaskKind.CALL, TaskKind.VISIT, TaskKind.TELL)  # the person was told that we would do it


class EventKind(Picklist):
    """Kinds of events in a person's history: hte_Type of HTCDS v2.0."""

    RECRUITMENT = "recruitment", _("recruitment")
    TRANSIT = "transit", _("transit")
    EXPLOITATION = "exploitation", _("exploitation")


@own_list("notes", _("Kinds of notes"), _("Chosen when somebody writes into a case."))
class NoteKind(Picklist):
    """Kinds of notes. The timeline entry of a note stores its kind in `about`; older notes have none."""

    NOTE = "note", _("Note")
    CALL = "call", pgettext_lazy("a conversation", "Call")
    VISIT = "visit", _("Visit")
    DECISION = "decision", _("Decision")


class EntryKind(Picklist):
    """Kinds of timeline entries."""

    OPENED = "opened", _("Case opened")
    CONTACT = "contact", _("Contact")
    PERSON = "person", _("Person added")
    NOTE = "note", _("Note")
    EVENT = "event", _("What happened to the person")
    TAKEN_OUT = "taken_out", _("Taken out, written by mistake")
    TASK = "task", _("Planned")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Not needed any more")
    NOT_DONE = "not_done", _("To do again: it was ended by mistake")
    MOVED = "moved", _("Put off")
    URGENCY = "urgency", _("Urgency")
    DOCUMENT = "document", _("Document")
    JOINED = "joined", _("Joined the team")
    LEFT = "left", _("Left the team")
    TAKEN = "taken", _("Has it in hand now")
    HANDED_OVER = "handed_over", _("Handed over")
    READ_OVER = "read_over", _("Has read the hand-over")
    CLOSED = "closed", _("Case closed")
    REOPENED = "reopened", _("Case opened again")
    FOLLOWED_UP = "followed_up", _("Only followed up from now on")
    WORKED_ON = "worked_on", _("Worked on again")
    ASSESSED = "assessed", _("Assessment signed")
    RECOGNISED = "recognised", _("A competent body has decided")
    CONSENTED = "consented", _("Consent")
    WITHDRAWN = "withdrawn", _("Consent withdrawn")
    BASIS = "basis", _("May be told without consent")
    DISCLOSED = "disclosed", _("Told to an institution")
    REFERRED = "referred", _("A service is asked")
    RECEIVED = "received", _("The unit has received the report")
    ASKED_BACK = "asked_back", _("The unit asks back")
    DECIDED = "decided", _("The unit has decided")
    OUTCOME = "outcome", _("The unit says what came of it")
    REPORT_RECALLED = "report_recalled", _("The sending of the report is cancelled")
    ACCEPTED = "accepted", _("The service takes the person")
    DECLINED = "declined", _("The service does not take the person")
    GOT_THERE = "got_there", _("The person arrived at the service")
    SERVED = "served", _("The service has helped the person")
    REFERRAL_CANCELLED = "referral_cancelled", _("The request to the service is cancelled")
    CAME_BACK = "came_back", _("The person came back with their code and left something")
    RETURN_CODE = "return_code", _("Whose return code it is")
    BED_HELD = "bed_held", _("A bed is held")
    BED_RELEASED = "bed_released", _("The bed is released")
    BED_ASKED = "bed_asked", _("A place in a house is asked for")
    BED_APPROVED = "bed_approved", _("The place is approved")
    BED_DECLINED = "bed_declined", _("The place is declined")
    ARRIVED = "arrived", _("Arrived at the house")
    NOT_ARRIVED = "not_arrived", _("The arrival was noted by mistake")
    MOVED_BED = "moved_bed", _("Another bed")
    STAY_PLANNED = "stay_planned", _("Length of stay")
    LEFT_HOUSE = "left_house", _("Left the house")
    NO_BED = "no_bed", _("No suitable bed")


DECISIONS = (
    EntryKind.OPENED, EntryKind.URGENCY, EntryKind.HANDED_OVER, EntryKind.CLOSED, EntryKind.REOPENED,
    EntryKind.FOLLOWED_UP, EntryKind.WORKED_ON,
    EntryKind.ASSESSED, EntryKind.RECOGNISED, EntryKind.CONSENTED, EntryKind.WITHDRAWN, EntryKind.BASIS,
    EntryKind.DISCLOSED, EntryKind.REFERRED, EntryKind.DECIDED, EntryKind.REPORT_RECALLED, EntryKind.ACCEPTED,
    EntryKind.DECLINED, EntryKind.BED_APPROVED, EntryKind.BED_DECLINED,
)  # fmt: skip
BEGINNING = frozenset({  # a case that has only entries of these kinds is still new
    EntryKind.OPENED, EntryKind.CONTACT, EntryKind.PERSON, EntryKind.TASK, EntryKind.URGENCY, EntryKind.JOINED,
    EntryKind.LEFT, EntryKind.TAKEN, EntryKind.HANDED_OVER, EntryKind.READ_OVER, EntryKind.RETURN_CODE,
    EntryKind.CLOSED,
})  # fmt: skip

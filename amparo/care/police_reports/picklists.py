"""Picklists of police reports."""

from django.utils.translation import gettext_lazy as _

from amparo.care.consent.picklists import CALLER_DATA, SUBJECT_DATA
from amparo.foundation.core.picklists import Picklist

OF_A_REPORT = (*SUBJECT_DATA, *CALLER_DATA)  # what may be disclosed beside the facts


class Source(Picklist):
    """The source of a report's facts. Each source has rules of its own (source_rules.py)."""

    VICTIM = "victim", _("the person in question")
    WITNESS = "witness", _("somebody who saw or heard it")
    THIRD_PARTY = "third_party", _("a tip of somebody who heard of it")


class KnownHow(Picklist):
    """How the source knows the facts; blank: the source is the person who lived through them."""

    SEEN = "seen", _("it was seen")
    HEARD = "heard", _("it was heard")


class ReportEventKind(Picklist):
    RECEIVED = "received", _("received, with its number")
    QUESTION = "question", _("a question back")
    ANSWERED = "answered", _("the answer of the line")
    DECIDED = "decided", _("decided")
    OUTCOME = "outcome", _("outcome")
    INFORMED = "informed", _("told to the person")
    RECALLED = "recalled", _("sending cancelled by the line")


UNIT_EVENTS = (
    ReportEventKind.RECEIVED,
    ReportEventKind.QUESTION,
    ReportEventKind.DECIDED,
    ReportEventKind.OUTCOME,
)  # added by the receiving side
HOTLINE_EVENTS = (ReportEventKind.ANSWERED, ReportEventKind.INFORMED)
OVER = (ReportEventKind.DECIDED, ReportEventKind.RECALLED)  # after either of these no clock runs


class Decision(Picklist):
    INVESTIGATED = "investigated", _("an investigation is open")
    ACTED = "acted", _("they went there")
    PASSED_ON = "passed_on", _("passed on to the unit it belongs to")
    MORE_NEEDED = "more_needed", _("more is needed before anything can be done")
    SHELVED = "shelved", _("shelved")


class Late(Picklist):
    RECEIVED = ReportEventKind.RECEIVED, _("not received")
    DECIDED = ReportEventKind.DECIDED, _("not decided")

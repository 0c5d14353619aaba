"""Picklists of police reports and of referrals to services."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist


class Source(Picklist):
    """Who reports. Each source has rules of its own, on one page."""

    VICTIM = "victim", _("the person herself")
    WITNESS = "witness", _("somebody who saw or heard it")
    THIRD_PARTY = "third_party", _("a tip of somebody who heard of it")


class KnownHow(Picklist):
    """How the source knows of it; blank: the person lived through it."""

    SEEN = "seen", _("it was seen")
    HEARD = "heard", _("it was heard")


class ReportEventKind(Picklist):
    RECEIVED = "received", _("received, with its number")
    ASKED = "asked", _("a question back")
    ANSWERED = "answered", _("the answer of the line")
    DECIDED = "decided", _("decided")
    OUTCOME = "outcome", _("outcome")
    TOLD = "told", _("told back to her")
    CALLED_BACK = "called_back", _("sending cancelled by the line")


UNIT_EVENTS = (
    ReportEventKind.RECEIVED,
    ReportEventKind.ASKED,
    ReportEventKind.DECIDED,
    ReportEventKind.OUTCOME,
)  # added by the receiving side
HOTLINE_EVENTS = (ReportEventKind.ANSWERED, ReportEventKind.TOLD)
OVER = (ReportEventKind.DECIDED, ReportEventKind.CALLED_BACK)  # after either of these no clock runs


class Decision(Picklist):
    INVESTIGATED = "investigated", _("an investigation is open")
    ACTED = "acted", _("they went there")
    PASSED_ON = "passed_on", _("passed on to the unit it belongs to")
    MORE_NEEDED = "more_needed", _("more is needed before anything can be done")
    SHELVED = "shelved", _("shelved")


class ReferralEventKind(Picklist):
    """The kinds of referral events."""

    ACCEPTED = "accepted", _("they take her")
    DECLINED = "declined", _("they do not take her")
    ARRIVED = "arrived", _("she arrived there")
    SERVED = "served", _("she got what she was sent for")
    CALLED_OFF = "called_off", _("called off by the line")
    TOLD = "told", _("told back to her")


ANSWERS = (ReferralEventKind.ACCEPTED, ReferralEventKind.DECLINED)
PROGRESS = (
    *ANSWERS,
    ReferralEventKind.ARRIVED,
    ReferralEventKind.SERVED,
    ReferralEventKind.CALLED_OFF,
)  # the last of these is the state
SERVICE_EVENTS = {  # the service's own answers, in its own words; the rest is the hotline's
    ReferralEventKind.ACCEPTED: _("we take her"),
    ReferralEventKind.DECLINED: _("we do not take her"),
    ReferralEventKind.ARRIVED: _("she arrived here"),
    ReferralEventKind.SERVED: _("she got what she was sent for"),
}


class State(Picklist):
    """The state of a referral. There is no "arranged": it is "asked" until the service answers."""

    ASKED = "asked", _("asked, without an answer yet")
    NO_ANSWER = "no_answer", _("no answer in time")
    ACCEPTED = "accepted", _("they take her")
    DECLINED = "declined", _("they do not take her")
    ARRIVED = "arrived", _("she arrived there")
    SERVED = "served", _("she got what she was sent for")
    CALLED_OFF = "called_off", _("called off by the line")


class DeclineReason(Picklist):
    """Why a service declines."""

    FULL = "full", _("there is no place now")
    AGE_SEX = "age_sex", _("not for her age or sex")
    NEED = "need", _("it cannot give what she needs")
    SAFETY = "safety", _("she or others would not be safe there")
    AREA = "area", _("she is outside its area")
    DOCUMENTS = "documents", _("it asks for documents she has not")
    OTHER = "other", _("another reason")

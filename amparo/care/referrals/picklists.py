"""Picklists of referrals to services."""

from django.utils.translation import gettext_lazy as _

from amparo.care.consent.picklists import SUBJECT_DATA
from amparo.foundation.core.picklists import Picklist, own_list

OF_A_REFERRAL = SUBJECT_DATA  # what may be disclosed beside the facts


class ReferralEventKind(Picklist):
    """The kinds of referral events."""

    ACCEPTED = "accepted", _("they take the person")
    DECLINED = "declined", _("they do not take the person")
    ARRIVED = "arrived", _("the person arrived there")
    SERVED = "served", _("the person got what they were sent for")
    CANCELLED = "cancelled", _("cancelled by the line")
    INFORMED = "informed", _("told to the person")


ANSWERS = (ReferralEventKind.ACCEPTED, ReferralEventKind.DECLINED)


PROGRESS = (
    *ANSWERS,
    ReferralEventKind.ARRIVED,
    ReferralEventKind.SERVED,
    ReferralEventKind.CANCELLED,
)  # the last of these is the state


SERVICE_EVENTS = {  # the service's own answers, in its own words; the rest is the hotline's
    ReferralEventKind.ACCEPTED: _("we take the person"),
    ReferralEventKind.DECLINED: _("we do not take the person"),
    ReferralEventKind.ARRIVED: _("the person arrived here"),
    ReferralEventKind.SERVED: _("the person got what they were sent for"),
}


class State(Picklist):
    """The state of a referral. There is no "arranged": it is "requested" until the service answers."""

    REQUESTED = "requested", _("asked, without an answer yet")
    NO_ANSWER = "no_answer", _("no answer in time")
    ACCEPTED = "accepted", _("they take the person")
    DECLINED = "declined", _("they do not take the person")
    ARRIVED = "arrived", _("the person arrived there")
    SERVED = "served", _("the person got what they were sent for")
    CANCELLED = "cancelled", _("cancelled by the line")


OVER = (State.DECLINED, State.SERVED, State.CANCELLED)  # no new link is made


@own_list(
    "declines", _("Why a service does not take the person"),
    _("Chosen by the service, or by whoever writes down its answer."), grows=True,
)  # fmt: skip
class DeclineReason(Picklist):
    """Why a service declines."""

    FULL = "full", _("there is no place now")
    AGE_SEX = "age_sex", _("not for their age or sex")
    NEED = "need", _("it cannot give what the person needs")
    SAFETY = "safety", _("the person or others would not be safe there")
    AREA = "area", _("the person is outside its area")
    DOCUMENTS = "documents", _("it asks for documents that the person does not have")
    OTHER = "other", _("another reason")

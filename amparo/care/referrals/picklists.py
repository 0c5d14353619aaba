"""Picklists of referrals to services."""

from django.utils.translation import gettext_lazy as _

from amparo.care.consent.picklists import SUBJECT_DATA
from amparo.foundation.core.picklists import Picklist

OF_A_REFERRAL = SUBJECT_DATA  # what may be disclosed beside the facts


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

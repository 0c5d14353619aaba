"""Picklists of consent and of disclosure without consent."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist


class InformedItem(Picklist):
    """What a person must be told before they consent. Without every item it is invalid (HTCDS v2.0, Consent)."""

    PURPOSE = "purpose", _("what it is for")
    USE = "use", _("who will see it, and what they may do with it")
    RESEARCH = "research", _("that it is counted without her name")
    ACCESS = "access", _("that she can ask us what we keep")
    STORAGE = "storage", _("how long it is kept")
    WITHDRAWAL = "withdrawal", _("that they can withdraw it at any time, and we still help")


class GivenHow(Picklist):
    """How consent was given. Ley 29733 requires writing for sensitive data; no lawyer has confirmed voice."""

    VOICE = "voice", _("spoken (sensitive data: in writing)")
    TEXT = "text", _("by a message that was answered")
    WRITTEN = "written", _("in writing, signed")
    DIGITAL = "digital", _("by a digital signature")


class Guardian(Picklist):
    """The position of the guardian of a person under 18."""

    CONSENTS = "consents", _("a parent or guardian agrees too")
    IMPLICATED = "implicated", _("the guardian is involved: child protection decides")
    ABSENT = "absent", _("there is no guardian: child protection decides")


class OverrideGround(Picklist):
    """Grounds that allow or require disclosure without consent. A child at risk needs no entry: the age is enough."""

    IMMINENT_DANGER = "imminent_danger", _("somebody may be killed or badly hurt soon")
    COURT_ORDER = "court_order", _("a court ordered it")
    DUTY_TO_REPORT = "duty_to_report", _("whoever learnt of it must report the facts by law")

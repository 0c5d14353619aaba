"""Picklists of consent and of disclosure without consent."""

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist


class InformedItem(Picklist):
    """What a person must be told before they consent. If an item is missing, there is no consent (HTCDS v2.0)."""

    PURPOSE = "purpose", _("what it is for")
    USE = "use", _("who will see it, and what they may do with it")
    RESEARCH = "research", _("that it is counted without their name")
    ACCESS = "access", _("that they can ask us what we keep")
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
    """Grounds that allow or require disclosure without consent. A child at risk needs no record: the age is enough."""

    IMMINENT_DANGER = "imminent_danger", _("somebody may be killed or badly hurt soon")
    COURT_ORDER = "court_order", _("a court ordered it")
    DUTY_TO_REPORT = "duty_to_report", _("whoever learnt of it must report the facts by law")


class Recipient(Picklist):
    POLICE = "police", _("police")
    PROSECUTOR = "prosecutor", _("prosecutor's office")
    CHILD_PROTECTION = "child_protection", _("child protection unit (UPE)")
    SERVICE_PROVIDER = "service_provider", _("service that helps people")
    EMBASSY = "embassy", _("embassy or consulate")
    PLACEMENT_ESCORT = "placement_escort", _("who brings the person to the house")
    MEDIA = "media", _("press")


# Recipients that a person can consent to: never the press.
CONSENT_RECIPIENTS = [it for it in Recipient if it not in (Recipient.PLACEMENT_ESCORT, Recipient.MEDIA)]
AUTHORITIES = [
    Recipient.POLICE,
    Recipient.PROSECUTOR,
    Recipient.CHILD_PROTECTION,
]  # the only ones without consent


class Data(Picklist):
    """Kinds of data. Consent is given, used and withdrawn for each kind separately."""

    INCIDENT_FACTS = "incident_facts", _("what happened, without names")
    SUBJECT_IDENTITY = "subject_identity", _("their name")
    SUBJECT_DOCUMENT = "subject_document", _("their identity document and date of birth")
    SUBJECT_CONTACT = "subject_contact", _("how to reach the person")
    SUBJECT_WHEREABOUTS = "subject_whereabouts", _("where they are or live")
    SUBJECT_HEALTH = "subject_health", _("their health")
    CALLER_IDENTITY = "caller_identity", _("the name of who called")
    CALLER_CONTACT = "caller_contact", _("how to reach who called")
    SAFE_HOUSE_ADDRESS = "safe_house_address", _("where a safe house is")


SUBJECT_DATA = (
    Data.SUBJECT_IDENTITY, Data.SUBJECT_DOCUMENT, Data.SUBJECT_CONTACT, Data.SUBJECT_WHEREABOUTS, Data.SUBJECT_HEALTH
)  # fmt: skip


CALLER_DATA = (Data.CALLER_IDENTITY, Data.CALLER_CONTACT)


class Decision(Picklist):
    ALLOW = "allow", _("may be shared")
    REQUIRE = "require", _("required by law")
    FORBID = "forbid", _("may not be shared")


class LegalBasis(Picklist):
    SAFE_HOUSE_SECRECY = "safe_house_secrecy", _("the address belongs to all who live there")
    ACTIVE_PLACEMENT_TRANSPORT = "active_placement_transport", _("two people approved the placement")
    COURT_ORDER = "court_order", _("court order")
    CONSENT = "consent", _("consent")
    CALLER_PROTECTED = "caller_protected", _("who called stays unnamed")
    IMMINENT_DANGER = "imminent_danger", _("imminent danger")
    CHILD_AT_RISK = "child_at_risk", _("child at risk")
    DUTY_TO_REPORT = "duty_to_report", _("duty to report")
    NO_BASIS = "no_basis", _("nothing allows it")

"""Whether something may be told to somebody, on what basis: consent, or one of the few other bases there are.

IOM Data Protection Principles (2009), WHO (2003); Peru: Ley 29733, Code of Criminal Procedure art. 326.2. In order of
precedence: safe-house secrecy, court order, consent, the caller's protection, imminent danger, child at risk, duty to
report; else it is forbidden. Which bases count besides consent, and for whom, is the policy: configurable, versioned,
shown to the caller. No Peruvian lawyer has confirmed the shipped one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from amparo.care.people.picklists import Age
from amparo.foundation.core.picklists import Picklist


class Recipient(Picklist):
    POLICE = "police", _("police")
    PROSECUTOR = "prosecutor", _("prosecutor's office")
    CHILD_PROTECTION = "child_protection", _("child protection unit (UPE)")
    SERVICE_PROVIDER = "service_provider", _("service that helps people")
    EMBASSY = "embassy", _("embassy or consulate")
    PLACEMENT_ESCORT = "placement_escort", _("who brings the person to the house")
    MEDIA = "media", _("press")


TOLD_BY_CONSENT = [it for it in Recipient if it not in (Recipient.PLACEMENT_ESCORT, Recipient.MEDIA)]  # never the press
AUTHORITIES = [Recipient.POLICE, Recipient.PROSECUTOR, Recipient.CHILD_PROTECTION]  # without consent, nobody else


class Data(Picklist):
    """What is agreed to, told and taken back each by itself."""

    INCIDENT_FACTS = "incident_facts", _("what happened, without names")
    SUBJECT_IDENTITY = "subject_identity", _("her name")
    SUBJECT_DOCUMENT = "subject_document", _("her identity document and date of birth")
    SUBJECT_CONTACT = "subject_contact", _("how to reach her")
    SUBJECT_WHEREABOUTS = "subject_whereabouts", _("where she is or lives")
    SUBJECT_HEALTH = "subject_health", _("her health")
    CALLER_IDENTITY = "caller_identity", _("the name of who called")
    CALLER_CONTACT = "caller_contact", _("how to reach who called")
    SAFE_HOUSE_ADDRESS = "safe_house_address", _("where a safe house is")


OF_HER = (
    Data.SUBJECT_IDENTITY, Data.SUBJECT_DOCUMENT, Data.SUBJECT_CONTACT, Data.SUBJECT_WHEREABOUTS, Data.SUBJECT_HEALTH
)  # fmt: skip
OF_WHO_CALLED = (Data.CALLER_IDENTITY, Data.CALLER_CONTACT)
FOR_CHILD_PROTECTION_ALONE = (Data.SUBJECT_DOCUMENT, Data.SUBJECT_HEALTH)  # of a child, where nobody consented


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


@dataclass(frozen=True)
class RecipientScope:
    """Who would be told: a kind of recipient, or one institution of that kind."""

    recipient: Recipient
    codes: tuple[str, ...] = ()  # each by which that one is known, first as it is written down; empty: it is not said
    name: str = field(default="", compare=False)  # of that one

    def __str__(self) -> str:
        return self.name or str(self.recipient.label)


@dataclass(frozen=True)
class Agreed:
    """A consent as far as a disclosure asks for it."""

    recipients: frozenset[str]
    data: frozenset[str]
    informed: bool  # all six things were told
    by_subject_of_data: bool = True  # nobody consents for another adult
    withdrawn: bool = False
    expires_at: datetime | None = None  # None: until withdrawn
    institution: str = ""  # of these recipients this one alone; blank: any of their kind

    def covers(self, whom: RecipientScope, data: str, now: datetime | None = None) -> bool:
        if self.withdrawn or not self.informed or not self.by_subject_of_data or whom.recipient == Recipient.MEDIA:
            return False
        if self.expires_at and now and now >= self.expires_at:
            return False
        is_to_them = whom.recipient in self.recipients and self.institution in ("", *whom.codes)
        return is_to_them and data in self.data

    def of_a_witness(self, taken_back: frozenset[str]) -> "tuple[Agreed, Agreed]":
        """What somebody agrees to who calls for another: who they are themselves; and what they saw, to those who
        investigate, save whom she took the same back from.
        """
        facts = frozenset({Data.INCIDENT_FACTS})
        hear = (self.recipients & {Recipient.POLICE, Recipient.PROSECUTOR}) - taken_back
        return replace(self, data=self.data - facts), replace(self, data=self.data & facts, recipients=hear)


@dataclass(frozen=True)
class Facts:
    """What is known and was written down of the situation. Whatever is not said is not so."""

    age: Age = Age.UNKNOWN
    consents: tuple[Agreed, ...] = ()
    court_order: bool = False  # reviewed by a supervisor
    ordered_to: frozenset[str] = frozenset(AUTHORITIES)  # whom the order names; an order names authorities alone
    imminent_danger: bool = False  # somebody may be killed or badly hurt soon, as heard, said or seen
    caller_is_person_in_danger: bool = False
    duty_to_report: bool = False  # whoever learnt of it is an official, or of those whom the law obliges
    two_person_approval: bool = False  # of a placement that is active


@dataclass(frozen=True)
class Policy:
    """Who may be told on the bases that need no consent. `version` stands beside every disclosure."""

    version: str
    in_danger: frozenset[str]
    for_a_child: frozenset[str]
    by_duty: frozenset[str]
    is_confirmed: bool = False  # by a lawyer

    def in_words(self) -> list[tuple[str, str]]:
        """When, and whom: what a caller is told of it before she tells us anything."""
        grounds = (
            (_("If somebody may be killed or badly hurt soon"), self.in_danger),
            (_("If a person under 18 is at risk"), self.for_a_child),
            (_("If whoever learnt of it must report by law: the facts alone"), self.by_duty),
        )
        return [
            (str(when), ", ".join(str(who.label) for who in AUTHORITIES if who in told))
            for when, told in grounds
            if told
        ]


SHIPPED = Policy(
    version="amparo-pe/1",
    in_danger=frozenset({Recipient.POLICE, Recipient.PROSECUTOR, Recipient.CHILD_PROTECTION}),
    for_a_child=frozenset({Recipient.CHILD_PROTECTION, Recipient.POLICE, Recipient.PROSECUTOR}),
    by_duty=frozenset({Recipient.POLICE, Recipient.PROSECUTOR}),
)

type Ruling = tuple[Decision, LegalBasis]


@dataclass(frozen=True)
class Question:
    """May `data` be told to `whom` now?"""

    whom: RecipientScope
    data: Data
    facts: Facts
    policy: Policy = SHIPPED
    now: datetime | None = None

    @property
    def recipient(self) -> Recipient:
        return self.whom.recipient


def decide(question: Question) -> Ruling:
    """The first rule that has an answer gives it."""
    rulings = (rule(question) for rule in PRECEDENCE)
    return next((ruling for ruling in rulings if ruling), (Decision.FORBID, LegalBasis.NO_BASIS))


def _safe_house_secrecy(it: Question) -> Ruling | None:
    """No consent, court or danger releases it, for it belongs to all who live there."""
    if it.data != Data.SAFE_HOUSE_ADDRESS:
        return None
    if it.recipient == Recipient.PLACEMENT_ESCORT and it.facts.two_person_approval:
        return Decision.ALLOW, LegalBasis.ACTIVE_PLACEMENT_TRANSPORT
    return Decision.FORBID, LegalBasis.SAFE_HOUSE_SECRECY


def _court_order(it: Question) -> Ruling | None:
    """For those whom the order names, and never the press or a service, whatever stands there."""
    named = it.facts.court_order and it.recipient in it.facts.ordered_to and it.recipient in AUTHORITIES
    return (Decision.REQUIRE, LegalBasis.COURT_ORDER) if named else None


def _consent(it: Question) -> Ruling | None:
    live = any(agreed.covers(it.whom, it.data, it.now) for agreed in it.facts.consents)
    return (Decision.ALLOW, LegalBasis.CONSENT) if live else None


def _caller_protected(it: Question) -> Ruling | None:
    """Save when the caller is the one in danger now."""
    if it.data not in OF_WHO_CALLED or (it.facts.imminent_danger and it.facts.caller_is_person_in_danger):
        return None
    return Decision.FORBID, LegalBasis.CALLER_PROTECTED


def _imminent_danger(it: Question) -> Ruling | None:
    """The least that finds and helps somebody (standards.md H8): nobody needs her papers for that."""
    told = it.facts.imminent_danger and it.recipient in it.policy.in_danger and it.data != Data.SUBJECT_DOCUMENT
    return (Decision.ALLOW, LegalBasis.IMMINENT_DANGER) if told else None


def _child_at_risk(it: Question) -> Ruling | None:
    """The facts are required, and to child protection the name. All else may be told, as no law asks for it.

    Papers and health go to child protection alone (docs/lawyer.md).
    """
    if it.facts.age != Age.CHILD or it.recipient not in it.policy.for_a_child:
        return None
    protects = it.recipient == Recipient.CHILD_PROTECTION
    if it.data in FOR_CHILD_PROTECTION_ALONE and not protects:
        return None
    required = it.data == Data.INCIDENT_FACTS or (protects and it.data == Data.SUBJECT_IDENTITY)
    return Decision.REQUIRE if required else Decision.ALLOW, LegalBasis.CHILD_AT_RISK


def _duty_to_report(it: Question) -> Ruling | None:
    """Facts only: never the caller, never the identity of an adult who said no."""
    told = it.facts.duty_to_report and it.data == Data.INCIDENT_FACTS and it.recipient in it.policy.by_duty
    return (Decision.REQUIRE, LegalBasis.DUTY_TO_REPORT) if told else None


PRECEDENCE: tuple[Callable[[Question], Ruling | None], ...] = (
    _safe_house_secrecy,
    _court_order,
    _consent,
    _caller_protected,
    _imminent_danger,
    _child_at_risk,
    _duty_to_report,
)

"""Decide whether data may be disclosed to a recipient, and on which legal basis. Pure functions, without a database.

Order of precedence: safe-house secrecy, court order, consent, the caller's protection, imminent danger, child at risk,
duty to report; otherwise disclosure is forbidden. The policy sets which authorities may be told without consent. It is
configurable, versioned and shown to the caller. No Peruvian lawyer has confirmed the shipped policy.

Sources: IOM Data Protection Principles (2009), WHO (2003); Peru: Ley 29733, Code of Criminal Procedure art. 326.2.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from amparo.care.people.picklists import Age

from .picklists import AUTHORITIES, CALLER_DATA, Data, Decision, LegalBasis, Recipient

OWN_VERSION = "line"  # prefix of the version of a policy that the hotline wrote itself
SHIPPED_VERSION = "amparo-pe"  # and of the one that comes with Amparo
CHILD_PROTECTION_DATA = (Data.SUBJECT_DOCUMENT, Data.SUBJECT_HEALTH)  # data of a child, without consent


@dataclass(frozen=True)
class RecipientScope:
    """Who would receive the data: any recipient of a kind, or one institution of that kind."""

    recipient: Recipient
    codes: tuple[str, ...] = ()  # all codes of the one institution, the stored code first; empty: any of the kind
    name: str = field(default="", compare=False)  # of the one institution

    def __str__(self) -> str:
        return self.name or str(self.recipient.label)

    @property
    def code(self) -> str:
        """The kind of recipient, or the code of the one institution."""
        return self.codes[0] if self.codes else str(self.recipient)


@dataclass(frozen=True)
class ConsentTerms:
    """The parts of a consent that decide whether a disclosure is allowed."""

    recipients: frozenset[str]
    data: frozenset[str]
    informed: bool  # the person was told all items of `InformedItem`
    by_subject_of_data: bool = True  # False: an adult's data, and somebody else consented; such a consent is invalid
    withdrawn: bool = False
    expires_at: datetime | None = None  # None: valid until withdrawn
    institution: str = ""  # code of the only institution allowed; blank: any recipient of these kinds

    def covers(self, scope: RecipientScope, data: str, now: datetime | None = None) -> bool:
        """True if this consent allows `data` to be disclosed to `scope` at `now`. It never covers the press.

        Without `now`, an expired consent counts too.
        """
        if self.withdrawn or not self.informed or not self.by_subject_of_data or scope.recipient == Recipient.MEDIA:
            return False
        if self.expires_at and now and now >= self.expires_at:
            return False
        is_to_them = scope.recipient in self.recipients and self.institution in ("", *scope.codes)
        return is_to_them and data in self.data

    def split_for_witness(self, taken_back: frozenset[str]) -> "tuple[ConsentTerms, ConsentTerms]":
        """Split the consent of a caller who calls for another person.

        The first part covers the caller's own data. The second covers the witnessed facts: only for police
        and prosecutors, and not for `taken_back`, the recipients from whom the person at risk withdrew the facts.
        """
        facts = frozenset({Data.INCIDENT_FACTS})
        investigators = (self.recipients & {Recipient.POLICE, Recipient.PROSECUTOR}) - taken_back
        return replace(self, data=self.data - facts), replace(self, data=self.data & facts, recipients=investigators)


@dataclass(frozen=True)
class Facts:
    """The recorded facts of a situation. A fact that was not recorded counts as false."""

    age: Age = Age.UNKNOWN
    consents: tuple[ConsentTerms, ...] = ()
    court_order: bool = False  # reviewed by a supervisor
    ordered_to: frozenset[str] = frozenset(AUTHORITIES)  # recipients that the order names; only authorities
    imminent_danger: bool = False  # somebody may be killed or badly hurt soon (heard, said or seen)
    caller_is_person_in_danger: bool = False
    duty_to_report: bool = False  # the person who learnt of it is an official or has a legal duty to report
    two_person_approval: bool = False  # two people approved a placement that is active


@dataclass(frozen=True)
class Policy:
    """The recipients who may be informed without consent, on each ground. Every disclosure records the `version`."""

    version: str
    in_danger: frozenset[str]
    for_a_child: frozenset[str]
    by_duty: frozenset[str]
    is_confirmed: bool = False  # a lawyer confirmed it

    @property
    def name(self) -> str:
        return policy_name(self.version)

    def in_words(self) -> list[tuple[str, str]]:
        """Return pairs (situation, recipients) as text. Callers hear them before they tell us anything."""
        grounds = (
            (_("If somebody may be killed or badly hurt soon"), self.in_danger),
            (_("If a person under 18 is at risk"), self.for_a_child),
            (_("If whoever learnt of it must report by law: the facts alone"), self.by_duty),
        )
        return [
            (str(situation), ", ".join(str(it.label) for it in AUTHORITIES if it in recipients))
            for situation, recipients in grounds
            if recipients
        ]


def policy_name(version: str) -> str:
    """Return the name of a policy version, as people read it."""
    whose, _slash, number = version.partition("/")
    if whose == OWN_VERSION:
        return str(_("the line's own policy, version %(number)s") % {"number": number})
    if whose != SHIPPED_VERSION:
        return version
    return str(_("Amparo's policy for Peru, version %(number)s") % {"number": number})


SHIPPED = Policy(
    version=f"{SHIPPED_VERSION}/1",
    in_danger=frozenset({Recipient.POLICE, Recipient.PROSECUTOR, Recipient.CHILD_PROTECTION}),
    for_a_child=frozenset({Recipient.CHILD_PROTECTION, Recipient.POLICE, Recipient.PROSECUTOR}),
    by_duty=frozenset({Recipient.POLICE, Recipient.PROSECUTOR}),
)

type Ruling = tuple[Decision, LegalBasis]


@dataclass(frozen=True)
class Question:
    """May `data` be disclosed to `scope` at `now`? Without `now`, expired consents count too."""

    scope: RecipientScope
    data: Data
    facts: Facts
    policy: Policy = SHIPPED
    now: datetime | None = None

    @property
    def recipient(self) -> Recipient:
        return self.scope.recipient


def decide(question: Question) -> Ruling:
    """Return the ruling of the first rule in `PRECEDENCE` that applies. Forbid if none applies."""
    rulings = (rule(question) for rule in PRECEDENCE)
    return next((ruling for ruling in rulings if ruling), (Decision.FORBID, LegalBasis.NO_BASIS))


def _safe_house_secrecy(question: Question) -> Ruling | None:
    """Never disclose a safe house's address on consent, a court order or danger: all residents depend on its secrecy.

    Only the escort of an approved placement receives it.
    """
    if question.data != Data.SAFE_HOUSE_ADDRESS:
        return None
    if question.recipient == Recipient.PLACEMENT_ESCORT and question.facts.two_person_approval:
        return Decision.ALLOW, LegalBasis.ACTIVE_PLACEMENT_TRANSPORT
    return Decision.FORBID, LegalBasis.SAFE_HOUSE_SECRECY


def _court_order(question: Question) -> Ruling | None:
    """Require disclosure to the authorities that the order names. Press and services never count, even if named."""
    named = (
        question.facts.court_order
        and question.recipient in question.facts.ordered_to
        and question.recipient in AUTHORITIES
    )
    return (Decision.REQUIRE, LegalBasis.COURT_ORDER) if named else None


def _consent(question: Question) -> Ruling | None:
    live = any(consent.covers(question.scope, question.data, question.now) for consent in question.facts.consents)
    return (Decision.ALLOW, LegalBasis.CONSENT) if live else None


def _caller_protected(question: Question) -> Ruling | None:
    """Forbid disclosing the caller's data, unless the caller is the person in imminent danger."""
    if question.data not in CALLER_DATA or (
        question.facts.imminent_danger and question.facts.caller_is_person_in_danger
    ):
        return None
    return Decision.FORBID, LegalBasis.CALLER_PROTECTED


def _imminent_danger(question: Question) -> Ruling | None:
    """Allow all data but identity documents, which are not needed to find and help the person."""
    applies = (
        question.facts.imminent_danger
        and question.recipient in question.policy.in_danger
        and question.data != Data.SUBJECT_DOCUMENT
    )
    return (Decision.ALLOW, LegalBasis.IMMINENT_DANGER) if applies else None


def _child_at_risk(question: Question) -> Ruling | None:
    """Require disclosing the facts and, to child protection, also the name. Allow the rest, which no law requires.

    Documents and health go only to child protection (docs/lawyer.md).
    """
    if question.facts.age != Age.CHILD or question.recipient not in question.policy.for_a_child:
        return None
    protects = question.recipient == Recipient.CHILD_PROTECTION
    if question.data in CHILD_PROTECTION_DATA and not protects:
        return None
    required = question.data == Data.INCIDENT_FACTS or (protects and question.data == Data.SUBJECT_IDENTITY)
    return Decision.REQUIRE if required else Decision.ALLOW, LegalBasis.CHILD_AT_RISK


def _duty_to_report(question: Question) -> Ruling | None:
    """Require only the facts: never the caller's data, and never the identity of an adult who refused."""
    applies = (
        question.facts.duty_to_report
        and question.data == Data.INCIDENT_FACTS
        and question.recipient in question.policy.by_duty
    )
    return (Decision.REQUIRE, LegalBasis.DUTY_TO_REPORT) if applies else None


PRECEDENCE: tuple[Callable[[Question], Ruling | None], ...] = (
    _safe_house_secrecy,
    _court_order,
    _consent,
    _caller_protected,
    _imminent_danger,
    _child_at_risk,
    _duty_to_report,
)

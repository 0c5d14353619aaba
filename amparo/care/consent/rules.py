"""What may be done with consent, and what every disclosure asks: may this be told, and on what basis?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.care.people.models import Person
from amparo.care.people.picklists import Age, Part
from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.audit.rules import append
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault import models as vault

from . import institutions
from .disclosure import (
    AUTHORITIES,
    TOLD_BY_CONSENT,
    Agreed,
    Data,
    Decision,
    Facts,
    Question,
    Recipient,
    RecipientScope,
    Ruling,
    decide,
)
from .disclosure import LegalBasis as Because
from .models import OWN, Consent, ConsentQuerySet, DisclosureBasis, DisclosureBasisQuerySet, PolicyVersion, same_human
from .picklists import GivenHow, Guardian, InformedItem, OverrideGround

LONGEST = timedelta(days=366)  # of a consent; then she is asked anew
DANGER_LASTS = timedelta(days=3)
ORDER_LASTS = timedelta(days=366)


@action(permissions.follow_cases)
def record_consent(
    person: Person, *, data: list[str], recipients: list[str], purpose: str, told: list[str], given_how: str,
    expires_at: datetime, guardian: str = "", institution: str = "", by: User, now: datetime,
) -> Consent:  # fmt: skip
    """What the person agreed to just now, in their own name and for their own data.

    `institution`: to this one alone, and to no other of its kind.
    """
    person = Person.objects.visible_to(by).get_locked(person.pk)
    recipients, institution, name = _to_whom(recipients, institution)
    if missing := [str(InformedItem(it).label) for it in InformedItem if it not in told]:
        raise Refused(_("Say first: %(missing)s. Without it, it is no consent.") % {"missing": "; ".join(missing)})
    if not set(data) <= OWN[Part(person.part)]:
        raise Refused(_("Nobody consents for another adult: ask the person. Under 18, the representative consents."))
    is_witness = person.part == Part.CALLER and person.same_human_as_id is None
    if is_witness and Data.INCIDENT_FACTS in data and not set(recipients) <= {Recipient.POLICE, Recipient.PROSECUTOR}:
        raise Refused(_("Of what happened, who calls agrees to police and prosecutors alone, as a witness."))
    if person.age_today != Age.ADULT and guardian not in Guardian.values:
        raise Refused(_("Under 18, or of an age that is not known: say what the guardian says."))
    if not now < expires_at <= now + LONGEST:
        raise Refused(_("A consent ends: choose a date within a year."))
    if given_how not in GivenHow.values or not set(recipients) <= set(TOLD_BY_CONSENT) or not (data and recipients):
        raise Refused(_("Say what she agrees to, to whom, and how she said it."))
    return Consent.objects.create(
        person=person, key=person.key, data=sorted(set(data)), recipients=sorted(set(recipients)), purpose=purpose,
        told=sorted(set(told)), given_how=given_how, guardian=guardian, given_at=now, expires_at=expires_at,
        recorded_by=by, institution=institution, institution_name=name,
    )  # fmt: skip


def _to_whom(recipients: list[str], institution: str) -> tuple[list[str], str, str]:
    """The kinds; or, of one institution, its own kind, its code and its name."""
    if not institution:
        return recipients, "", ""
    found = institutions.find(institution)
    if found is None:
        raise Refused(_("This institution is not in the list any more. Choose again."))
    if not set(recipients) <= {found.recipient}:
        raise Refused(_("To one institution, or to all of a kind: write down each by itself."))
    return [found.recipient], found.codes[0], found.name


@action(permissions.follow_cases)
def withdraw_consent(consent: Consent, *, by: User, now: datetime) -> Consent:
    """She takes it back: what was given on it is closed from the next query on. Why, nobody asks; no help is lost."""
    Person.objects.visible_to(by).get_locked(consent.person_id)
    consent = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    if consent.withdrawn_at is None:
        consent.withdrawn_at, consent.withdrawn_by = now, by
        consent.save(update_fields=["withdrawn_at", "withdrawn_by"])
        vault.withdraw(consent.pk)
    return consent


def withdraw_by_herself(consent: Consent, *, now: datetime) -> None:
    """Likewise, by whoever acts with her code and holds its key: nobody writes it down for her."""
    if Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now):
        append("withdraw_consent", f"consent {consent.pk}", key=consent.key_id)
        vault.withdraw(consent.pk)


@action(permissions.follow_cases)
def write_basis(
    person: Person,
    kind: OverrideGround,
    facts: str,
    *,
    caller_is_in_danger: bool = False,
    recipients: list[str] | None = None,
    by: User,
    now: datetime,
) -> DisclosureBasis:
    """Why something is told without consent: what was heard, said or seen. A supervisor reviews it within a day.

    Of a court order `recipients` are whom it names, and nothing is told on it before the review.
    """
    named = sorted(set(recipients or []))
    person = Person.objects.visible_to(by).get_locked(person.pk)
    if kind not in OverrideGround.values:
        raise Refused(_("Say which reason it is: choose one of the list."))
    if person.part == Part.ALLEGED_PERPETRATOR:
        raise Refused(_("Say whom it is about: who is at risk, or who calls."))
    if not facts.strip():
        raise Refused(_("Write the facts: what was heard, said or seen, or which court ordered it."))
    if kind == OverrideGround.COURT_ORDER and not (named and set(named) <= set(AUTHORITIES)):
        raise Refused(_("Say whom the court names: police, prosecutors or child protection (UPE)."))
    lasts = DANGER_LASTS if kind == OverrideGround.IMMINENT_DANGER else ORDER_LASTS
    return DisclosureBasis.objects.create(
        key=person.key, person=person, kind=kind, facts=facts, decided_at=now, decided_by=by, until=now + lasts,
        caller_is_in_danger=caller_is_in_danger or person.part == Part.CALLER,
        recipients=named if kind == OverrideGround.COURT_ORDER else [],
    )  # fmt: skip


@action(permissions.supervise)
def review_basis(basis: DisclosureBasis, *, stands: bool, by: User, now: datetime) -> DisclosureBasis:
    """A supervisor says whether the reason stands; one that does not is none from the next query on."""
    basis = DisclosureBasis.objects.select_for_update(of=("self",)).get(pk=basis.pk)
    if basis.reviewed_at is None:
        if basis.decided_by_id == by.pk:
            raise Refused(_("Another supervisor reviews what you decided."))
        basis.reviewed_at, basis.reviewed_by, basis.stands = now, by, stands
        basis.save(update_fields=["reviewed_at", "reviewed_by", "stands"])
        if not stands:
            vault.withdraw(basis.pk)
        notify("messages")  # the consoles of supervisors say what is late
    return basis


@action(permissions.supervise)
def write_policy(
    *, in_danger: list[str], for_a_child: list[str], by_duty: list[str], why: str, is_confirmed: bool = False,
    by: User, now: datetime,
) -> PolicyVersion:  # fmt: skip
    """Whom the line shall tell without consent. It counts once another supervisor agrees."""
    chosen = [sorted(set(it)) for it in (in_danger, for_a_child, by_duty)]
    if not set().union(*chosen) <= set(AUTHORITIES):
        raise Refused(_("Without consent only authorities are told: police, prosecutors, child protection (UPE)."))
    if not why.strip():
        raise Refused(_("Say why: which law or agreement."))
    return PolicyVersion.objects.create(
        in_danger=chosen[0], for_a_child=chosen[1], by_duty=chosen[2], why=why.strip(),
        is_confirmed=is_confirmed, written_at=now, written_by=by,
    )  # fmt: skip


@action(permissions.supervise)
def agree_on_policy(version: PolicyVersion, *, by: User, now: datetime) -> PolicyVersion:
    """A second supervisor agrees: from now on it is the policy, of what is told from now on."""
    version = PolicyVersion.objects.get(pk=version.pk)
    if version.agreed_at is None:
        if version.written_by_id == by.pk:
            raise Refused(_("Another supervisor agrees on what you wrote."))
        if PolicyVersion.objects.filter(pk__gt=version.pk).exists():
            raise Refused(_("A newer version was written since: agree on that one."))
        PolicyVersion.objects.filter(pk=version.pk, agreed_at=None).update(agreed_at=now, agreed_by=by)
        version.refresh_from_db()
    return version


@dataclass(frozen=True)
class Standing:
    """What allows something now."""

    because: Because
    basis: tuple[UUID, datetime] | None  # its id, and until when: a key is given on it. None: the law itself


def allowed_recipients(person: Person, whom: RecipientScope, data: Data, now: datetime) -> Ruling:
    """May `data` of the case of this person at risk be told to them now, and on what basis?"""
    return decide(Question(whom, data, facts_of(person, data, now), PolicyVersion.objects.in_force(now), now))


def allows(person: Person, whom: RecipientScope, data: Data, now: datetime) -> bool:
    return allowed_recipients(person, whom, data, now)[0] != Decision.FORBID


def facts_of(person: Person, data: Data, now: datetime) -> Facts:
    """What is known and was written down of whom the data is about, as the rule asks for it."""
    said = _said(person, Consent.objects.all())
    return _facts(
        person, (agreed for _consent, agreed in said), _live(DisclosureBasis.objects.about(person, data), now)
    )


def basis_for(person: Person, whom: RecipientScope, data: Data, now: datetime) -> Standing | None:
    """What allows it now; None: nothing does. Asked once, of what cannot change meanwhile.

    It stands until the transaction ends: who takes it back waits, and then closes what was given on it here too.
    """
    said = list(_said(person, Consent.objects.select_for_update(of=("self",))))
    bases = _live(DisclosureBasis.objects.about(person, data).select_for_update(of=("self",)).order_by("-until"), now)
    facts = _facts(person, (agreed for _consent, agreed in said), bases)
    ruling, because = decide(Question(whom, data, facts, PolicyVersion.objects.in_force(now), now))
    if ruling == Decision.FORBID:
        return None
    if because == Because.CONSENT:  # one that begins in a moment, by another clock, counts too
        return Standing(because, next((it.pk, it.expires_at) for it, one in said if one.covers(whom, data, now)))
    named = ((it.pk, it.until) for it in bases if it.kind == because and it.allows(whom.recipient))
    return Standing(because, None if because == Because.CHILD_AT_RISK else next(named))


def is_agreed_by(consent: UUID, person: Person, whom: RecipientScope, data: Data, now: datetime) -> bool:
    """Whether this very consent still covers it, until the transaction ends: by who she is known to be today."""
    said = _said(person, Consent.objects.select_for_update(of=("self",)))
    return any(it.pk == consent and agreed.covers(whom, data, now) for it, agreed in said)


def _facts(person: Person, said: Iterable[Agreed], live: list[DisclosureBasis]) -> Facts:
    danger, orders = (
        [it for it in live if it.kind == kind] for kind in (OverrideGround.IMMINENT_DANGER, OverrideGround.COURT_ORDER)
    )
    return Facts(
        age=person.age_today, consents=tuple(said), court_order=bool(orders),
        ordered_to=frozenset(who for it in orders for who in it.recipients), imminent_danger=bool(danger),
        caller_is_person_in_danger=any(it.caller_is_in_danger for it in danger),
        duty_to_report=any(it.kind == OverrideGround.DUTY_TO_REPORT for it in live),
    )  # fmt: skip


def _live(bases: DisclosureBasisQuerySet, now: datetime) -> list[DisclosureBasis]:
    return [it for it in bases.defer("facts") if it.is_live(now)]


def _said(person: Person, consents: ConsentQuerySet) -> Iterator[tuple[Consent, Agreed]]:
    """What was agreed to about her, each as far as it counts for her."""
    said = list(consents.about(person).select_related("person").defer("purpose"))
    hers = set(same_human(person).values_list("pk", flat=True))
    back = [it for it in said if it.person_id in hers and it.withdrawn_at and Data.INCIDENT_FACTS in it.data]
    taken_back = frozenset(who for it in back for who in it.recipients)
    for it in said:
        if it.person_id in hers:
            yield it, it.agreed_for(person)
        else:
            yield from ((it, agreed) for agreed in it.agreed_for(it.person).of_a_witness(taken_back))

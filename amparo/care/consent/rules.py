"""Actions on consents and disclosure bases, and the check before every disclosure: is it allowed, on which basis?"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
from .disclosure import ConsentTerms, Facts, Question, RecipientScope, Ruling, decide
from .models import (
    CONSENTABLE_DATA,
    LONGEST,
    Consent,
    ConsentQuerySet,
    DisclosureBasis,
    DisclosureBasisQuerySet,
    PolicyVersion,
    same_human_records,
)
from .picklists import (
    AUTHORITIES,
    CALLER_DATA,
    CONSENT_RECIPIENTS,
    Data,
    Decision,
    GivenHow,
    Guardian,
    InformedItem,
    LegalBasis,
    OverrideGround,
    Recipient,
)

DANGER_LASTS = timedelta(days=3)
ORDER_LASTS = timedelta(days=366)


@action(permissions.follow_cases, label=gettext_lazy("wrote down a consent"))
def record_consent(
    person: Person, *, data: list[str], recipients: list[str], purpose: str, informed: list[str], given_how: str,
    expires_at: datetime, guardian: str = "", institution: str = "", by: User, now: datetime,
) -> Consent:  # fmt: skip
    """Record a consent that the person has just given, for their own data.

    `institution` is a code; it limits the consent to that one institution of its kind. Raises `Refused` if the person
    was not told all items of `InformedItem`, if the data is not theirs, or if the end date is not within a year.
    """
    person = Person.objects.visible_to(by).get_locked(person.pk)
    recipients, institution, name = _resolve_recipients(recipients, institution)
    if missing := [str(InformedItem(it).label) for it in InformedItem if it not in informed]:
        raise Refused(_("Say first: %(missing)s. Without it, it is no consent.") % {"missing": "; ".join(missing)})
    if not set(data) <= CONSENTABLE_DATA[Part(person.part)]:
        raise Refused(_("Nobody consents for another adult: ask the person. Under 18, the representative consents."))
    allowed = set(recipients) & set(CONSENT_RECIPIENTS)
    if any(not may_consent(person, recipient, it) for recipient in allowed for it in data):
        raise Refused(_("Of what happened, who calls agrees to police and prosecutors alone, as a witness."))
    if person.age_today != Age.ADULT and guardian not in Guardian.values:
        raise Refused(_("Under 18, or of an age that is not known: say what the guardian says."))
    if not now < expires_at <= now + LONGEST:
        raise Refused(_("A consent ends: choose a date within a year."))
    if given_how not in GivenHow.values or not set(recipients) <= set(CONSENT_RECIPIENTS) or not (data and recipients):
        raise Refused(_("Enter what the person agrees to, to whom, and how they said it."))
    return Consent.objects.create(
        person=person, key=person.key, data=sorted(set(data)), recipients=sorted(set(recipients)), purpose=purpose,
        informed=sorted(set(informed)), given_how=given_how, guardian=guardian, given_at=now, expires_at=expires_at,
        recorded_by=by, institution=institution, institution_name=name,
    )  # fmt: skip


def may_consent(person: Person, recipient: str, data: str) -> bool:
    """True if this person can consent to the disclosure of `data` to this kind of recipient.

    A caller who calls about another person is a witness. Of what happened to that person, a witness can consent only to
    a disclosure to the police and to prosecutors.
    """
    if recipient not in CONSENT_RECIPIENTS or data not in CONSENTABLE_DATA[Part(person.part)]:
        return False
    is_witness = person.part == Part.CALLER and person.same_human_as_id is None
    return not is_witness or data != Data.INCIDENT_FACTS or recipient in {Recipient.POLICE, Recipient.PROSECUTOR}


def _resolve_recipients(recipients: list[str], institution: str) -> tuple[list[str], str, str]:
    """Return the kinds of recipient, and the institution's code and name: both blank if there is no institution.

    Raises `Refused` if the institution is gone, or if `recipients` has another kind than the institution's.
    """
    if not institution:
        return recipients, "", ""
    found = institutions.find_institution(institution)
    if found is None:
        raise Refused(_("This institution is not in the list any more. Choose again."))
    if not set(recipients) <= {found.recipient}:
        raise Refused(_("To one institution, or to all of a kind: write down each by itself."))
    return [found.recipient], found.codes[0], found.name


@action(permissions.follow_cases, label=gettext_lazy("wrote down that it was taken back"))
def withdraw_consent(consent: Consent, *, by: User, now: datetime) -> Consent:
    """Withdraw a consent. Access granted on it ends with the next query.

    We ask for no reason, and the person loses no help by it.
    """
    Person.objects.visible_to(by).get_locked(consent.person_id)
    consent = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    if consent.withdrawn_at is None:
        consent.withdrawn_at, consent.withdrawn_by = now, by
        consent.save(update_fields=["withdrawn_at", "withdrawn_by"])
        vault.revoke_grants(consent.pk)
    return consent


def withdraw_with_return_code(consent: Consent, *, now: datetime) -> None:
    """Withdraw a consent for the holder of a return code. No member of staff is recorded."""
    if Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now):
        append("withdraw_consent", f"consent {consent.pk}", key=consent.key_id)
        vault.revoke_grants(consent.pk)


@action(permissions.follow_cases, label=gettext_lazy("wrote down a reason to tell"))
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
    """Record a ground for disclosure without consent, and the facts: what was heard, said or seen.

    A supervisor reviews it within 24 hours. A court order needs `recipients`, the authorities that it names, and
    cannot be used before the review.
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


@action(permissions.supervise, label=gettext_lazy("reviewed a reason to tell"))
def review_basis(basis: DisclosureBasis, *, stands: bool, by: User, now: datetime) -> DisclosureBasis:
    """Confirm or reject a basis as a supervisor. Access granted on a rejected basis ends with the next query."""
    basis = DisclosureBasis.objects.select_for_update(of=("self",)).get(pk=basis.pk)
    if basis.reviewed_at is None:
        if basis.decided_by_id == by.pk:
            raise Refused(_("Another supervisor reviews what you decided."))
        basis.reviewed_at, basis.reviewed_by, basis.stands = now, by, stands
        basis.save(update_fields=["reviewed_at", "reviewed_by", "stands"])
        if not stands:
            vault.revoke_grants(basis.pk)
        notify("messages")  # supervisors' consoles update their list of late reviews
    return basis


@action(permissions.supervise, label=gettext_lazy("wrote whom the line tells without consent"))
def write_policy(
    *, in_danger: list[str], for_a_child: list[str], by_duty: list[str], why: str, is_confirmed: bool = False,
    by: User, now: datetime,
) -> PolicyVersion:  # fmt: skip
    """Propose a new policy version. It comes into force when another supervisor approves it."""
    recipients = [sorted(set(it)) for it in (in_danger, for_a_child, by_duty)]
    if not set().union(*recipients) <= set(AUTHORITIES):
        raise Refused(_("Without consent only authorities are told: police, prosecutors, child protection (UPE)."))
    if not why.strip():
        raise Refused(_("Say why: which law or agreement."))
    return PolicyVersion.objects.create(
        in_danger=recipients[0], for_a_child=recipients[1], by_duty=recipients[2], why=why.strip(),
        is_confirmed=is_confirmed, written_at=now, written_by=by,
    )  # fmt: skip


@action(permissions.supervise, label=gettext_lazy("agreed whom the line tells without consent"))
def agree_on_policy(version: PolicyVersion, *, by: User, now: datetime) -> PolicyVersion:
    """Approve a policy version as the second supervisor. It applies to disclosures from now on."""
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
class LiveBasis:
    """A legal basis that allows a disclosure now."""

    legal_basis: LegalBasis
    basis: tuple[UUID, datetime] | None  # id and end of the consent or basis, stored with each key grant. None: the law


def ruling_on(person: Person, scope: RecipientScope, data: Data, now: datetime) -> Ruling:
    """Return whether `data` from this person's case may be disclosed to `scope` now, and on which basis."""
    return decide(Question(scope, data, facts_of(person, data, now), PolicyVersion.objects.in_force(now), now))


def is_disclosure_allowed(person: Person, scope: RecipientScope, data: Data, now: datetime) -> bool:
    """True if the disclosure is allowed or required now."""
    return ruling_on(person, scope, data, now)[0] != Decision.FORBID


def facts_of(person: Person, data: Data, now: datetime) -> Facts:
    """Collect the recorded facts that `decide` needs about this person and `data`."""
    return facts_by_data(person, [data], now)[data]


def facts_by_data(person: Person, several: Collection[Data], now: datetime) -> dict[Data, Facts]:
    """Collect the facts for several kinds of data. Consents and bases are read once, not once for each kind."""
    terms = [terms for _consent, terms in _consents_about(person, Consent.objects.all())]
    live = {
        is_of_caller: _live_bases(DisclosureBasis.objects.about(person, is_of_caller=is_of_caller), now)
        for is_of_caller in {data in CALLER_DATA for data in several}
    }
    return {data: _facts_from(person, terms, live[data in CALLER_DATA]) for data in several}


def basis_for(person: Person, scope: RecipientScope, data: Data, now: datetime) -> LiveBasis | None:
    """Return what allows the disclosure now. None: nothing does. It locks as `bases_for` does."""
    return bases_for(person, scope, [data], now)[data]


def bases_for(
    person: Person, scope: RecipientScope, several: Collection[Data], now: datetime
) -> dict[Data, LiveBasis | None]:
    """Return what allows the disclosure of each kind of data now. None: nothing does.

    It locks the consents and bases, so the answer holds until the transaction ends. A concurrent withdrawal waits, and
    then also ends the access that this transaction granted. Both are read once, not once for each kind.
    """
    consents = list(_consents_about(person, Consent.objects.select_for_update(of=("self",))))
    live = {
        is_of_caller: _live_bases(
            DisclosureBasis.objects.about(person, is_of_caller=is_of_caller)
            .select_for_update(of=("self",))
            .order_by("-until"),
            now,
        )
        for is_of_caller in {data in CALLER_DATA for data in several}
    }
    policy, found = PolicyVersion.objects.in_force(now), dict[Data, LiveBasis | None]()
    for data in several:
        bases = live[data in CALLER_DATA]
        facts = _facts_from(person, (terms for _consent, terms in consents), bases)
        ruling = decide(Question(scope, data, facts, policy, now))
        found[data] = _basis_of(ruling, scope, data, consents, bases, now)
    return found


def _basis_of(
    ruling: Ruling, scope: RecipientScope, data: Data, consents: list[tuple[Consent, ConsentTerms]],
    bases: list[DisclosureBasis], now: datetime,
) -> LiveBasis | None:  # fmt: skip
    """Return the consent or the ground on which this ruling rests. None: it forbids the disclosure."""
    decision, legal_basis = ruling
    if decision == Decision.FORBID:
        return None
    if legal_basis == LegalBasis.CONSENT:  # `given_at` is not compared: another machine's clock may be slightly ahead
        return LiveBasis(
            legal_basis, next((it.pk, it.expires_at) for it, terms in consents if terms.covers(scope, data, now))
        )
    matching = ((it.pk, it.until) for it in bases if it.kind == legal_basis and it.allows(scope.recipient))
    return LiveBasis(legal_basis, None if legal_basis == LegalBasis.CHILD_AT_RISK else next(matching))


def is_covered_by(consent: UUID, person: Person, scope: RecipientScope, data: Data, now: datetime) -> bool:
    """True if the consent with this id covers the disclosure, given the person's age as known today.

    It locks the consents, so the answer holds until the transaction ends.
    """
    consents = _consents_about(person, Consent.objects.select_for_update(of=("self",)))
    return any(it.pk == consent and terms.covers(scope, data, now) for it, terms in consents)


def _facts_from(person: Person, consents: Iterable[ConsentTerms], live: list[DisclosureBasis]) -> Facts:
    danger, orders = (
        [it for it in live if it.kind == kind] for kind in (OverrideGround.IMMINENT_DANGER, OverrideGround.COURT_ORDER)
    )
    return Facts(
        age=person.age_today, consents=tuple(consents), court_order=bool(orders),
        ordered_to=frozenset(name for it in orders for name in it.recipients), imminent_danger=bool(danger),
        caller_is_person_in_danger=any(it.caller_is_in_danger for it in danger),
        duty_to_report=any(it.kind == OverrideGround.DUTY_TO_REPORT for it in live),
    )  # fmt: skip


def _live_bases(bases: DisclosureBasisQuerySet, now: datetime) -> list[DisclosureBasis]:
    return [it for it in bases.defer("facts") if it.is_live(now)]


def _consents_about(person: Person, queryset: ConsentQuerySet) -> Iterator[tuple[Consent, ConsentTerms]]:
    """Yield each consent about this person, with its terms. A witness's consent yields two, see `split_for_witness`."""
    consents = list(queryset.about(person).select_related("person").defer("purpose"))
    own_records = set(same_human_records(person).values_list("pk", flat=True))
    own = [it for it in consents if it.person_id in own_records]
    withdrawn = [it for it in own if it.withdrawn_at and Data.INCIDENT_FACTS in it.data]
    taken_back = frozenset(name for it in withdrawn for name in it.recipients)
    for consent in consents:
        if consent.person_id in own_records:
            yield consent, consent.terms_for(person)
        else:
            parts = consent.terms_for(consent.person).split_for_witness(taken_back)
            yield from ((consent, terms) for terms in parts)

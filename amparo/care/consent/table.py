"""A person's disclosure table: whether each kind of data may go to each recipient now, and the same in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.functional import Promise
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.people.models import Person

from .disclosure import ConsentTerms, Facts, Policy, Question, RecipientScope, Ruling, decide
from .institutions import find_institution
from .models import Consent, PolicyVersion
from .picklists import CONSENT_RECIPIENTS, Data, Decision, LegalBasis, Recipient
from .rules import facts_by_data

TO_WHOM: dict[Recipient, str | Promise] = {
    Recipient.POLICE: gettext_lazy("to the police"),
    Recipient.PROSECUTOR: gettext_lazy("to the prosecutor's office"),
    Recipient.CHILD_PROTECTION: gettext_lazy("to the child protection unit"),
    Recipient.SERVICE_PROVIDER: gettext_lazy("to the services that help"),
    Recipient.EMBASSY: gettext_lazy("to the embassy or consulate"),
}

NAMED: dict[Data, str | Promise] = {  # short, for sentences and the heads of columns
    **{it: it.label for it in Data},
    Data.INCIDENT_FACTS: gettext_lazy("what happened"),
    Data.SUBJECT_DOCUMENT: gettext_lazy("their document and date of birth"),
    Data.SUBJECT_CONTACT: gettext_lazy("how to call them"),
    Data.SUBJECT_WHEREABOUTS: gettext_lazy("where the person is"),
}


@dataclass(frozen=True)
class Verdict:
    """What may be shared with one recipient, in words, and on which bases."""

    title: str
    tone: str  # of the mark: "good", "wait"; blank: nothing is shared
    icon: str
    reasons: list[str]  # a sentence for each legal basis: which data it opens


@dataclass(frozen=True)
class DisclosureRow:
    """One row of the table: a recipient, and the ruling for each kind of data."""

    recipient: RecipientScope
    rulings: dict[Data, Ruling]
    before: dict[Data, Ruling]  # the same without the proposed consents

    @property
    def shared(self) -> frozenset[Data]:
        """The data that may be disclosed to this recipient."""
        return frozenset(data for data, ruling in self.rulings.items() if ruling[0] != Decision.FORBID)

    @property
    def verdict(self) -> Verdict:
        """What may be shared with this recipient, in words."""
        return verdict_of(self.rulings)

    def decided(self, decision: Decision, *, of: Iterable[Data]) -> list[Data]:
        """Return the data in `of` that have this decision, in the same order."""
        return [data for data in of if self.rulings[data][0] == decision]


def disclosure_table(
    person: Person, now: datetime, *, policy: Policy | None = None, proposed: Iterable[ConsentTerms] = (),
    also: Iterable[str] = (),
) -> list[DisclosureRow]:  # fmt: skip
    """Return a row for each kind of recipient, then a row for each institution named in a live consent.

    The person's own consents count, and those that a caller gave as a witness. The address of a safe house is left out:
    only a placement asks for it. `policy`: that in force, if it is read already.
    `proposed` are consents not recorded yet; `also` are codes of further institutions.
    """
    kinds = [RecipientScope(kind) for kind in CONSENT_RECIPIENTS]
    consents = Consent.objects.about(person).exclude(institution="").live(now).order_by("given_at", "pk")
    names = {(it.recipients[0], it.institution): it.institution_name for it in consents}
    found = ((find_institution(code), kind, name) for (kind, code), name in names.items())
    # An institution whose kind changed since the consent is not covered by it any more.
    named = {recipient: name for recipient, kind, name in found if recipient and recipient.recipient == kind}
    further = dict.fromkeys(it for it in map(find_institution, also) if it and it not in named)
    institutions = [*(replace(recipient, name=name) for recipient, name in named.items()), *further]
    return _rows(person, [*kinds, *institutions], now, policy or PolicyVersion.objects.in_force(now), tuple(proposed))


def disclosure_row(person: Person, recipient: RecipientScope, now: datetime) -> DisclosureRow:
    """Return the row of this recipient."""
    return _rows(person, [recipient], now, PolicyVersion.objects.in_force(now))[0]


def _rows(
    person: Person, recipients: Iterable[RecipientScope], now: datetime, policy: Policy,
    proposed: tuple[ConsentTerms, ...] = (),
) -> list[DisclosureRow]:  # fmt: skip
    recorded = facts_by_data(person, [data for data in Data if data != Data.SAFE_HOUSE_ADDRESS], now)

    def rulings(recipient: RecipientScope, known: dict[Data, Facts]) -> dict[Data, Ruling]:
        return {data: decide(Question(recipient, data, facts, policy, now)) for data, facts in known.items()}

    if not proposed:
        return [DisclosureRow(it, ruled, ruled) for it in recipients for ruled in [rulings(it, recorded)]]
    with_proposed: dict[Data, Facts] = {
        data: replace(facts, consents=(*facts.consents, *proposed)) for data, facts in recorded.items()
    }
    return [DisclosureRow(it, rulings(it, with_proposed), rulings(it, recorded)) for it in recipients]


def verdict_of(rulings: Mapping[Data, Ruling]) -> Verdict:
    """Return in words what the rulings for one recipient allow."""
    opened: dict[Ruling, list[Data]] = {}
    for data, ruling in rulings.items():
        if ruling[0] != Decision.FORBID:
            opened.setdefault(ruling, []).append(data)
    reasons = [_reason_in_words(ruling, data) for ruling, data in opened.items()]
    bases = {basis for _decision, basis in opened}
    if not bases:
        return Verdict(_("Nothing is shared"), "", "seal", reasons)
    if bases == {LegalBasis.CONSENT}:
        return Verdict(_("What was allowed, and nothing else"), "good", "check", reasons)
    if LegalBasis.CONSENT in bases:
        return Verdict(_("What was allowed, and what the law adds"), "wait", "check", reasons)
    return Verdict(_("Without consent: what the law says"), "wait", "check", reasons)


def _reason_in_words(ruling: Ruling, data: list[Data]) -> str:
    decision, basis = ruling
    named = capfirst(str(basis.label))
    if decision == Decision.REQUIRE:
        return _("%(basis)s, required by law: %(data)s.") % {"basis": named, "data": data_in_words(data)}
    return f"{named}: {data_in_words(data)}."


def data_in_words(data: Iterable[Data]) -> str:
    """Return the kinds of data as a sentence names them: "their name, their health and where the person is"."""
    return get_text_list([str(NAMED[it]) for it in data], _("and"))


def recipients_in_words(recipients: Iterable[RecipientScope]) -> str:
    """Return the recipients as a sentence names them: "to the police and to Casa Ejemplo alone"."""
    named = [
        _("to %(name)s alone") % {"name": it} if it.codes else str(TO_WHOM.get(it.recipient, it)) for it in recipients
    ]
    return get_text_list(named, _("and"))

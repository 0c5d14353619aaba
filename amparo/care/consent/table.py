"""A table for one person: for each recipient and each kind of data, whether it may be disclosed now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from amparo.care.people.models import Person

from .disclosure import Question, RecipientScope, Ruling, decide
from .institutions import find
from .models import Consent, PolicyVersion
from .picklists import CONSENT_RECIPIENTS, Data, Decision
from .rules import facts_of


@dataclass(frozen=True)
class Line:
    """One row of the table: a recipient and the ruling for each kind of data."""

    recipient: RecipientScope
    rulings: dict[Data, Ruling]

    @property
    def shared(self) -> frozenset[Data]:
        """The data that may be disclosed to this recipient."""
        return frozenset(data for data, ruling in self.rulings.items() if ruling[0] != Decision.FORBID)

    def decided(self, decision: Decision, *, of: Iterable[Data]) -> list[Data]:
        """Return the data in `of` that has this decision, in the same order."""
        return [data for data in of if self.rulings[data][0] == decision]


def table_of(person: Person, now: datetime) -> list[Line]:
    """Return a row for each kind of recipient, then a row for each institution named in a live consent.

    Consents of the person and of the caller as a witness count. The address of a safe house is left out: only a
    placement asks for it.
    """
    kinds = [RecipientScope(kind) for kind in CONSENT_RECIPIENTS]
    consents = Consent.objects.about(person).exclude(institution="").live(now).order_by("given_at", "pk")
    names = {(it.recipients[0], it.institution): it.institution_name for it in consents}
    found = ((find(code), kind, name) for (kind, code), name in names.items())
    # An institution whose kind changed since the consent is not covered by it any more.
    named = {recipient: name for recipient, kind, name in found if recipient and recipient.recipient == kind}
    return _lines(person, [*kinds, *(replace(recipient, name=name) for recipient, name in named.items())], now)


def line_of(person: Person, recipient: RecipientScope, now: datetime) -> Line:
    """Return the row of this recipient."""
    return _lines(person, [recipient], now)[0]


def _lines(person: Person, recipients: Iterable[RecipientScope], now: datetime) -> list[Line]:
    policy = PolicyVersion.objects.in_force(now)
    facts = {data: facts_of(person, data, now) for data in Data if data != Data.SAFE_HOUSE_ADDRESS}
    return [
        Line(recipient, {data: decide(Question(recipient, data, known, policy, now)) for data, known in facts.items()})
        for recipient in recipients
    ]
